"""Appeals against published ratings."""
