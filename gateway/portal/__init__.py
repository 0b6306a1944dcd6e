"""What developers read: one OpenAPI document for the whole API, pages for people, the events' formats."""
