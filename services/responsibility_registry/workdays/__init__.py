"""Which days the city works on: the years that were announced, beyond those that the library knows."""
