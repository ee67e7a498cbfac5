"""What the services say to each other, and that they go on understanding it."""
