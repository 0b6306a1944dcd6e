"""Read copies of other services' facts that command needs at three in the morning, also when they are away."""
