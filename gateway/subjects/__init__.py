"""Subjects: everybody who acts, each with dated grants, parties and the posts it holds; what all services copy."""
