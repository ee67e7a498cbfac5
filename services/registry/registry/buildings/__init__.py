"""Buildings: who owns them, how large they are, and what was handed over as it stands. Schools are in them."""
