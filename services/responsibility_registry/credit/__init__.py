"""Credit of firms: dated facts, the grade that follows from them by a pack of rules, and who may see it."""
