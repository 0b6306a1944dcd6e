"""Areas of the registry."""
