"""The home district's roll-up: who counts in it by which rule, pooled three ways, beside the state's own figure."""
