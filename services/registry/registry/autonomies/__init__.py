"""Who decides what at a school, which rules there are, and which of them are set aside."""
