"""Entitlement: may this school have this service on this date, and which clause says so?"""
