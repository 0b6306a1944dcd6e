"""Yearly work lists: what a post is to do in a year, confirmed by the post above, with its lights."""
