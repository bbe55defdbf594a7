"""Can a person, or a judge that never saw G or F, still recognise a template? Not in the paper (errata 13)."""
