"""A post is reached by ways of its own, in their order; a person's number is not among them."""
