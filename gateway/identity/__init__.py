"""Clients: who may ask for tokens, as whom they act, and the dated grants that say what they may do."""
