"""Tests of gateway/imports."""
