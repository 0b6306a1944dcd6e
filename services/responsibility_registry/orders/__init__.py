"""Orders with five fixed items, a clock, and a second pair of eyes."""
