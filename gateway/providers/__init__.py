"""External OpenID providers: whose tokens are exchanged for ours, and whose accounts are whom here."""
