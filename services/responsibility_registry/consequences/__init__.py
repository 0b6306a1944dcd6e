"""Consequences of credit: what applies to a firm now, by which department, and what departments did about it."""
