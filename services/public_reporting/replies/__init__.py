"""What the city answers to those who reported, and by when."""
