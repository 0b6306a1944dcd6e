"""The platform as containers: what the set-up jobs of docker-compose.yml do, and the locks of the images."""
