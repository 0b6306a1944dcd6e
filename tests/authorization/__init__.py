"""No one in where they don't belong: every operation, tried by everybody there could be."""
