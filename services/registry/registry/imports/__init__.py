"""Files in: a portfolio of schools, or the NCES directory, checked whole and applied whole."""
