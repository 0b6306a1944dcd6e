"""What an uploaded file really is: looked at in a process of its own, with limits, and made harmless or refused."""
