"""Can a person, or a judge that never saw G or F, still read a template? Not in the paper (errata 13)."""
