"""People: who signs in, with which password and second factor, and how guessing is slowed down."""
