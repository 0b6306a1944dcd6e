"""The demonstration city: data a reader can change, a seeded program that draws it, a loader and a check."""
