"""Tests of gateway/signing."""
