"""Privacy: which figures of few students are hidden, decided once for every exit when a rating is published."""
