"""Tests of gateway/exports."""
