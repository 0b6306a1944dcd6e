"""Tests of gateway/people."""
