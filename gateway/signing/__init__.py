"""The issuer's keys: made at the first start, kept sealed, and rotated while they still work."""
