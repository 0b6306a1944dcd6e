"""Tenures: who holds which post from when to when, so that rights and answers follow posts and not names."""
