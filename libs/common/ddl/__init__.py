"""The tables of the plumbing, as SQL that a service's first migration runs in its own schema."""
