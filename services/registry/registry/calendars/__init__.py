"""District calendars: which days are business days, by school year; and how days are counted."""
