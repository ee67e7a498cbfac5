"""Trips: a bus for a party, at hours at which one can be spared, and the dispatcher's plan of a day."""
