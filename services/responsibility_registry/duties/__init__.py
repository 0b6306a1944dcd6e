"""Who answers for what, where and when, and the chain that follows."""
