"""Incidents 突发事件: what happened, how bad it is by law, and how far it has been brought to an end."""
