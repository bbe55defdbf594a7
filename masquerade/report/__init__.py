"""One page with every table and figure beside the paper's numbers."""
