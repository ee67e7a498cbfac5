"""Schools review what a run gave before it is published, and ask for corrections."""
