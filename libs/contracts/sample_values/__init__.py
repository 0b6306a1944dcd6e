"""The hand-written values behind `samples/*.json`, by producer and noun; `cast` is who and what they share."""
