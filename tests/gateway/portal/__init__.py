"""Tests of gateway/portal."""
