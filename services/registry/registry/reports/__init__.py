"""Standard reports: the same lines as JSON and as CSV, as of a date, of what the caller may see."""
