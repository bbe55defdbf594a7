"""Images that people cannot recognise and a frozen embedder still can (arXiv 2401.15048)."""

import os

if "DVC_STAGE" in os.environ:  # here, because TensorFlow logs when it is imported
    from masquerade.quiet import without_native_log

    without_native_log()
