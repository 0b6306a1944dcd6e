"""Coordinating bodies: committees, leading groups, task forces and joint meetings, and who sits in them."""
