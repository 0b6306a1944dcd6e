"""Files through the running gateway app, and their rules."""
