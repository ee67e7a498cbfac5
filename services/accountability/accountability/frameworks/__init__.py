"""Rating frameworks: documents that say how a jurisdiction rates, versioned and immutable once used."""
