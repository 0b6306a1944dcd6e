"""Links of liability: which firms, sites and objects share what happens to one of them, from a day on."""
