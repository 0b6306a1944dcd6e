"""On scene 到场: which leaders the harm demands, called, acknowledged, checked in or excused."""
