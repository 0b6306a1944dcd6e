"""Commendations: honours of three levels, for what a post or a body did, until they are over or revoked."""
