"""The generated bootstrap, run by the real Envoy in front of small upstreams."""
