"""How well work was closed: its cause, how content the school is, how often it had to be reopened."""
