"""Drafts: requests in the making, which nobody but their author sees."""
