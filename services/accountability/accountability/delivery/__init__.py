"""Delivery to states: what was withdrawn and corrected, and snapshots with signed manifests that never change."""
