"""The event feed: every public-safety fact of the four services in one log, with a cursor and replay."""
