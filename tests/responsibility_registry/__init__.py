"""Tests of responsibility_registry."""
