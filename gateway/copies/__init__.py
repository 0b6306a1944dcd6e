"""Read copies of the registry's posts and of who holds them, from which rights follow."""
