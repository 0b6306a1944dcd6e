"""The front door: Envoy's bootstrap, the issuer, the trace and the documents."""
