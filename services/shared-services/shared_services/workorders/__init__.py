"""Work orders: work handed to a crew or a vendor and reported back, with the labor and the parts that it took."""
