"""Tests of gateway/clock."""
