"""The record of a firm or a post: what was decided against it, which measures hold, and how it is honoured."""
