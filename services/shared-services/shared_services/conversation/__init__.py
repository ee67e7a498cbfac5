"""Conversation: what requester and provider say to each other about a request, and the files they add."""
