import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

CODE = """
import logging, os, sys, masquerade
os.write(2, b"I0000 00:00:1795573446.106082   24710 port.cc:153] oneDNN custom operations are on.\\n")
os.write(2, b"E0000 00:00:1795573446.106082   24710 meta_optimizer.cc:967] remapper failed\\n")
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
os.write(2, b"To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.\\n")
os.write(2, b"a child's own line\\n")
os.write(2, b"F0000 00:00:1795573446.106082   24710 tensor.cc:1] Check failed\\n")
logging.getLogger("tensorflow").warning("6 out of the last 6 calls to f triggered tf.function retracing.")
logging.getLogger("tensorflow").warning("another warning")
sys.stderr.write("\\r50 % of 3 epochs\\n")
raise SystemExit("Error: α")
"""


def written(**environment: str) -> list[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DVC_")}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return sorted(done.stderr.replace("\r", "\n").split("\n"))  # native lines take another way, and may come later


def test_under_dvc_the_log_of_native_libraries_is_left_out_and_nothing_else() -> None:
    error, bar, child = "Error: α", "50 % of 3 epochs", "a child's own line"
    warning = "another warning"
    fatal = "F0000 00:00:1795573446.106082   24710 tensor.cc:1] Check failed"

    lines = written(DVC_STAGE="roc@digits")

    assert [line for line in lines if line] == sorted([bar, error, child, fatal, warning])


def test_without_dvc_nothing_is_left_out() -> None:
    assert len([line for line in written() if re.search("0000|absl|AVX2", line)]) == 5
