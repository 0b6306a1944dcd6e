"""Services of Shoutu."""
