"""Who shares what happens to one of them, by dated links, one hop far."""
