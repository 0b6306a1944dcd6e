"""The published language: its files, its samples, its documents, and those who listen to it."""
