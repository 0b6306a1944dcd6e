"""Warnings: what monitoring systems and agencies see coming."""
