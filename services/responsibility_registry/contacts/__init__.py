"""Contacts: how a post is reached, in which order and at which hours; of a room or a post, never of a person."""
