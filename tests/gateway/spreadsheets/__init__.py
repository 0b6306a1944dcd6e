"""Tests of gateway/spreadsheets."""
