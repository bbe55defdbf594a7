"""Images that people cannot recognise and a frozen embedder still can (arXiv 2401.15048)."""

import os

# By default every large tensor is freed after each step and its pages are asked for anew, half of a step's time on some
# machines. TensorFlow's own allocator keeps them; the numbers are the same.
os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
# oneDNN's convolutions, on which TensorFlow decides by the processor: without AVX-512 it takes its own, half as fast.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
if "DVC_STAGE" in os.environ:  # here, because TensorFlow logs when it is imported
    from masquerade.quiet import without_native_log

    without_native_log()
