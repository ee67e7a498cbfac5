"""Orders by which people decide that there is no rating: baselines, suspensions, what is withheld."""
