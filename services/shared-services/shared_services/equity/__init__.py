"""The equity report: are autonomous schools served as fast as the others? Small counts are never shown."""
