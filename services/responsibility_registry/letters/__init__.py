"""Letters of responsibility: what a post or an entity signs to answer for, tier by tier."""
