"""Organizations: whoever governs, operates, authorizes or serves schools."""
