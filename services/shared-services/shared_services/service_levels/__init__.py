"""Service levels: districts lay down their calendars and promises; open requests are dated anew."""
