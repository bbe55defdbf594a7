"""A ``python`` that has the heavy libraries imported already: ``python tests/warm_python.py FOLDER`` serves it.

The pipeline test starts a hundred stages, and each would import TensorFlow, MLflow and scikit-learn anew, 6 s of
processor time. With FOLDER first on PATH, DVC's `python stages/x.py` reaches this server, which imported them once and
forks for each stage: a process of its own with the arguments, the folder, the environment, the standard streams and
the end of the command. Before the fork nothing of Masquerade is imported and TensorFlow has run nothing. Every other
command goes to the plain python. tests/stages/test_networks.py starts stages with that one.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import tensorflow as tf

os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_LOGGING_LEVEL": "WARNING"}  # MLflow reads them on import
for library in (
    *("keras", "matplotlib.backends.backend_agg", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "ruamel.yaml"),
    *("mlflow.data", "mlflow.keras", "mlflow.pyfunc", "mlflow.tracing.provider", "mlflow.tracking"),
    *("mlflow.store.tracking.sqlalchemy_store", "mlflow.system_metrics.system_metrics_monitor"),
    *("alembic.command", "pandas.io.formats.csvs", "sqlalchemy.dialects.sqlite"),
    *("sklearn.decomposition", "sklearn.linear_model"),
):
    import_module(library)

EAGERLY = {"train_embedder", "train_generator", "train_judge", "adaptive_judge", "failure_modes", "alpha_sweep"}
"""Stages whose graphs take longer to trace than what they compute takes without."""

CLIENT = """#!{python} -IS
import json, os, signal, socket, sys

if not "".join(sys.argv[1:2]).startswith("stages/"):
    os.execv("{python}", ["{python}", *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as server:
    server.connect("{folder}/socket")
    socket.send_fds(server, [json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()], [0, 1, 2])
    server.shutdown(socket.SHUT_WR)
    answer = server.makefile()
    stage = int(answer.readline())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: os.kill(stage, number))
    code = int(answer.readline())
if code < 0:  # ended by a signal
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


def run(connection: socket.socket) -> NoReturn:
    """In a fork of the server: run the stage in another and tell the client how it ends."""
    message, streams, *_ = socket.recv_fds(connection, 1 << 16, 3)
    while more := connection.recv(1 << 16):
        message += more
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if stage := os.fork():
        connection.sendall(f"{stage}\n".encode())
        connection.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(stage, 0)[1])}\n".encode())
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    arguments, folder, environment = json.loads(message)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:1] = environment["PYTHONPATH"].split(os.pathsep)
    try:
        run_stage(arguments)
    except SystemExit as end:
        if end.code:
            raise
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # without taking TensorFlow's modules apart for half a second


def run_stage(arguments: list[str]) -> None:
    """Run ``python`` with these arguments, the first of them a stage's script."""
    sys.argv = arguments
    # The graph optimiser takes longer than a training of a few steps; the networks and their sums stay what they are.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    tf.config.run_functions_eagerly(Path(arguments[0]).stem in EAGERLY)
    runpy.run_path(arguments[0], run_name="__main__")


def serve(folder: Path) -> None:
    """Until standard input ends, with the test that started this."""
    client = folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, folder=folder), encoding="utf-8")
    client.chmod(0o755)
    # Or MLflow looks through all packages in every stage that logs a model.
    import_module("mlflow.utils.requirements_utils")._init_modules_to_packages_map()
    gc.freeze()  # or every stage goes through all that is imported when it ends
    signal.signal(signal.SIGCHLD, lambda *_: os.waitpid(-1, os.WNOHANG))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/socket")
        server.listen()
        print("ready", flush=True)
        while server in select.select([server, sys.stdin], [], [])[0]:
            with server.accept()[0] as connection:
                if os.fork() == 0:
                    run(connection)


if __name__ == "__main__":
    serve(Path(sys.argv[1]).resolve())
