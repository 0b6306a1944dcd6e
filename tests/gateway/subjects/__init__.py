"""Subjects: what is given by name and by post, who gives it, and what every service copies."""
