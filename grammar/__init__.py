"""The rule language: what a rule is, which cells it selects, and how Excel writes it."""
