"""Images that people cannot recognise and a frozen embedder still can (arXiv 2401.15048)."""

import os

# By default large tensors are returned to the system after each step and allocated anew, which takes half of a step's
# time on some machines. TensorFlow's own allocator keeps the memory; the numbers are the same.
os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
# Without AVX-512, TensorFlow would use its own convolutions, which are half as fast as oneDNN's.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
if "DVC_STAGE" in os.environ:  # here, because TensorFlow logs on import
    from masquerade.quiet import without_log

    without_log()
