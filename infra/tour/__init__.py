"""The tour: both loops as they would run in a real city, played on the simulated clock."""
