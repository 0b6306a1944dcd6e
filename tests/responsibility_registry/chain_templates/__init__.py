"""Tests of chain templates."""
