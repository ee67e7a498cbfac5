"""The audit trail of the registry: who changed what, when, why, from what to what."""
