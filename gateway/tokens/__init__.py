"""The token endpoint: OAuth 2.0 client credentials, answered with short-lived RFC 9068 tokens."""
