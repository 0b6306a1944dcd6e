"""The one front door: Envoy and the small app beside it."""
