"""Plain rules in plain Python: no database, no web, no arrays."""
