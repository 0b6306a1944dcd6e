"""Duty rooms: who is on duty around a place, from the copy that command holds itself."""
