"""The blacklist: never without notice and defence, decided by another, repaired, over."""
