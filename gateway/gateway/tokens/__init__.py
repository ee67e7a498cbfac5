"""Tokens: the OAuth2 token endpoint, client credentials only."""
