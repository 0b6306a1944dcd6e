"""Hears citizens and answers them."""
