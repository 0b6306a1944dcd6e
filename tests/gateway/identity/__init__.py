"""Tests of gateway/identity."""
