"""Obligations over years: a start-up loan with its schedule, what is left of it, and what non-renewal makes of it."""
