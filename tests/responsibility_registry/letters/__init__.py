"""Letters are signed over their exact text, tier by tier, by nobody but whom they bind."""
