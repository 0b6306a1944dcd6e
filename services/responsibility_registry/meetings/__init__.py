"""Meetings of coordinating bodies: planned, held, written up, and the tasks that come of them."""
