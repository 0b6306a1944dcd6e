"""A demonstration's clock: one offset for the whole city, refused everywhere else."""
