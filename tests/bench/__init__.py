"""`make bench`: each figure beside a named baseline of the same run. Never part of the tests."""
