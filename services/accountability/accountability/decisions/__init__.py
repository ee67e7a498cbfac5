"""Decisions about schools, each with the revisions of ratings that it relied on."""
