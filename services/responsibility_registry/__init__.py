"""Who must answer for what, where and since when, and the orders that hold them to it."""
