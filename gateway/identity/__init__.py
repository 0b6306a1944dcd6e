"""Clients: who may ask for tokens and as whom they act; and the agencies behind them, which end with theirs."""
