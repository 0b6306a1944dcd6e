"""What residents, grid members, the hotline and agencies tell the city."""
