"""Tests of gateway/providers."""
