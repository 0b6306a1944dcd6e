"""The examination of uploads: what is taken, made harmless, or refused."""
