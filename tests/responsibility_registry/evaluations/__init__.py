"""Evaluations: figures from facts, vetoes, rankings, publications and appeals."""
