"""Stop measures: a firm with a major hazard is told to stop, and its supply is cut where it defies that."""
