"""Dispatch 调度: the nearest capable teams, sent or asked for, and the clocks of their stages."""
