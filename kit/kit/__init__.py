"""How a Concordat service is built. Knows no service and no school."""
