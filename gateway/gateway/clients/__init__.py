"""Clients: programs with a secret of their own, and the scopes that each may ask for."""
