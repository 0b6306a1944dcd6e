"""The blacklist of firms in serious breach: proposed from facts, noticed, defended, decided, published, repaired."""
