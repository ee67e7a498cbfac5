"""Zones: how schools leave the zone that governs them, and how a whole zone ends."""
