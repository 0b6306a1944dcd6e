"""Evaluations 考核: indicators counted from facts, vetoes, rankings, publications and appeals against them."""
