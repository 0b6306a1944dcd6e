"""Rule packs: how a grade is computed, as dated and sourced data."""
