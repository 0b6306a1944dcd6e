"""The data plane: an Envoy bootstrap made from one frozen plan, and nothing written by hand."""
