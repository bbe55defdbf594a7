"""Images that people cannot recognise and a frozen embedder still can (arXiv 2401.15048)."""
