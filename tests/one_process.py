"""Run stages one after another in one process, which imports the heavy libraries once.

``python tests/one_process.py "stages/roc.py --modality digits" …``
"""

import sys

from warm_python import run_stage

for command in sys.argv[1:]:
    try:
        run_stage(command.split())
    except SystemExit as end:
        if end.code:
            raise
