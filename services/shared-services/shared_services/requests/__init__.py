"""Service requests: from the acknowledgement to the accepted work."""
