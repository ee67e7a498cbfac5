"""What schools may have of their district's services, laid down in layers, and how they choose."""
