"""Series: requests that repeat, as recurring routes and preventive maintenance do."""
