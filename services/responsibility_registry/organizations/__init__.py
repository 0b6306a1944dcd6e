"""Organisations and their posts; persons come and go, posts answer."""
