"""Keeps TensorFlow's log off the screen."""

import atexit
import logging
import os
import re
import sys
import threading

NATIVE = re.compile(
    rb"WARNING: All log messages before absl::|[IWE]\d{4} \d\d:\d\d:\d+\.|To enable the following instructions: "
)
"""How lines logged by TensorFlow's C++ libraries begin, errors included; a crash, which begins with F, is shown."""


def without_log() -> None:
    """Drop what C++ libraries log on stderr until the process ends, and one of TensorFlow's warnings.

    It warns of functions that are traced again: here the last batch may be smaller than the others. Everything else
    that Python writes is kept.

    TF_CPP_MIN_LOG_LEVEL does not apply to what they log before initialisation, nor to the graph optimiser's complaints
    about a pass that does not apply (TensorFlow 2.21).
    """
    logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())
    sys.stderr.flush()
    screen = os.dup(2)
    sys.stderr = os.fdopen(os.dup(screen), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    thread = threading.Thread(target=_forward, args=(reading, screen), daemon=True)
    thread.start()

    def finish() -> None:
        os.dup2(screen, 2)  # closes the last writing end of the pipe, so that the thread ends
        thread.join()

    atexit.register(finish)


def _forward(reading: int, screen: int) -> None:
    with os.fdopen(reading, "rb") as lines:
        for line in lines:
            if not NATIVE.match(line):
                os.write(screen, line)
