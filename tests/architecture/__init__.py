"""The house held to its own drawing: what import contracts cannot say is said here."""
