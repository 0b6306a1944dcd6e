"""Every risk object and hazard, and how bad it is."""
