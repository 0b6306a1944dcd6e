"""Tenures: who holds which post from when to when."""
