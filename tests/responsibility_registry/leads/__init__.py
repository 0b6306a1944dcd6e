"""What one body hands over to another, in whose sight alone, and what came of it."""
