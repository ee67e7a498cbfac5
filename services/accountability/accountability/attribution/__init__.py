"""To which operator a school's year counts when operators change in it. The school's own rating is untouched."""
