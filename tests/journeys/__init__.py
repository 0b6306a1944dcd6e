"""Both loops and every race, through the front door of a real platform in both of its shapes."""
