"""Tests of gateway/seal_heads."""
