"""Credit: facts that count once, grades that follow from them, and who may see and enter what."""
