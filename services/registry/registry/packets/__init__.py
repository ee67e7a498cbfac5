"""Board packets: all that a body needs to decide on an agreement, and what it had before it when it did."""
