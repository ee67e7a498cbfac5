"""Budgets: what a school or a zone is to spend on shared services in a fiscal year, beside what it spent."""
