"""The front door: policy, not domain. Who may come in, which service answers, how often, and what may be remembered."""
