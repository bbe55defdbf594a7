"""Create the store: ``python -m masquerade.tracking``."""

import sys

from masquerade.errors import InputError
from masquerade.tracking.store import initialise

try:
    print(f"MLflow store: {initialise()}")
except InputError as error:
    error.show()
    sys.exit(error.exit_code)
