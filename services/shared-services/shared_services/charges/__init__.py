"""Chargeback: what services cost schools, from dated rates to a statement that finance can net."""
