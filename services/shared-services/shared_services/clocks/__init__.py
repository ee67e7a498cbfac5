"""Clocks: a district's working time, what it promises by when, and when that falls due. Facts in, instants out."""
