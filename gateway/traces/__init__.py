"""One trace over four services: composed here, so that no service ever calls another."""
