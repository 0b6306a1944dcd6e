"""Traces of liability as documents that anybody verifies without the platform."""
