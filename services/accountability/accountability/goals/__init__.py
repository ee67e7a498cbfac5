"""Agreement goals: what a school promised, and by what was published whether it was kept."""
