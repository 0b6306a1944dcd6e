"""Gaps: where nobody answers, and where two do; looked for, told once as they open and close, and shown on a map."""
