"""Leads: what one body comes upon and another has to look into, handed over with grounds and answered."""
