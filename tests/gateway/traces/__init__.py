"""Tests of gateway/traces."""
