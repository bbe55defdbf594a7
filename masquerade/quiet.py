"""TensorFlow's own log kept off the screen."""

import atexit
import os
import re
import sys
import threading

NATIVE = re.compile(
    rb"WARNING: All log messages before absl::|[IWE]\d{4} \d\d:\d\d:\d+\.|To enable the following instructions: "
)
"""How a line of TensorFlow's C++ libraries begins, errors included; the last line of a crash begins with F."""


def without_native_log() -> None:
    """Leave out what C++ libraries log on the error stream, until the process ends; Python writes to it as before.

    TF_CPP_MIN_LOG_LEVEL does not reach what they log before they are set up, nor the graph optimiser's complaints
    about a pass that does not apply (TensorFlow 2.21).
    """
    sys.stderr.flush()
    screen = os.dup(2)
    sys.stderr = os.fdopen(os.dup(screen), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    thread = threading.Thread(target=_forward, args=(reading, screen), daemon=True)
    thread.start()

    def finish() -> None:
        os.dup2(screen, 2)  # closes the pipe's last end, so that the thread ends
        thread.join()

    atexit.register(finish)


def _forward(reading: int, screen: int) -> None:
    with os.fdopen(reading, "rb") as lines:
        for line in lines:
            if not NATIVE.match(line):
                os.write(screen, line)
