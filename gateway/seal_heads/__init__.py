"""Daily heads of every seal chain, for auditors and for the world: what outsiders keep to hold it against us."""
