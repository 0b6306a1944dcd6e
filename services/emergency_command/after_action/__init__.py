"""After action 复盘: what was late, why, and what follows from it."""
