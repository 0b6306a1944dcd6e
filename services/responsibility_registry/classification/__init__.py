"""The sectors 行业领域 and categories of danger that this registry speaks of: reference data with a version."""
