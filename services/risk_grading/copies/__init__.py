"""Read copies of other services' facts that this service needs when they are away."""
