"""Stages of the work on an order: reports on progress, asked for by an instant or not."""
