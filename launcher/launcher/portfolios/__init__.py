"""Reference portfolios: real systems as documents, played through the public API to see that they run on it."""
