"""The catalogue: what a district offers its schools, and on which terms."""
