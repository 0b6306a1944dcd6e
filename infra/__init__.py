"""Runs the platform: embedded servers, containers, the demonstration city, the command line."""
