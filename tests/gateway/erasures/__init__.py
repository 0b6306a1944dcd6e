"""Tests of gateway/erasures."""
