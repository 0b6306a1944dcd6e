"""Inspection tours 巡查: a plan over bodies, visits with findings, coverage, and orders that follow."""
