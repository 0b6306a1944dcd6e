"""The published language: events by producer, with schemas and samples."""
