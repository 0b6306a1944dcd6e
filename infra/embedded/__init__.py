"""PostgreSQL, NATS and Envoy from wheels, run as children of the process that starts them."""
