"""Areas of every tier by their 12-digit codes, with shapes and the dates between which they hold."""
