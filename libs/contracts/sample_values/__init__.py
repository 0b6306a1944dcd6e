"""The hand-written values behind `samples/*.json`: one module a producer; `cast` is who and what they share."""
