# make repro   set up everything and run the pipeline
# make test    set up everything and run the tests
# make check   lint and types
# make ui      browse the runs

PYTHON ?= python3
# Stages are plain `python …`: the environment must come first on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: repro test check ui benchmark readme

repro: .venv/ready mlflow.db
	dvc repro

test: .venv/ready
	pytest

check: .venv/ready
	ruff check
	ruff format --check
	mypy

ui: .venv/ready mlflow.db
	mlflow ui

benchmark: .venv/ready
	pytest tests/benchmarks --benchmark-only

readme: .venv/ready
	python -m masquerade.report.readme

.venv/ready: requirements.txt pyproject.toml
	test -d .venv || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

mlflow.db: | .venv/ready
	python -m masquerade.tracking
