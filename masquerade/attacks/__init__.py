"""Attackers, a module each: what each of them knows, what it wants and what it may spend."""
