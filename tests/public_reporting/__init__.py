"""Tests of public_reporting."""
