"""Tests of gateway/tokens."""
