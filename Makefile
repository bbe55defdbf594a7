# make repro   set up everything and run the pipeline
# make test    set up everything and run the tests
# make check   lint and types
# make ui      browse the runs
# make paper-scale [MNIST=/folder/with/idx/files] [LFW=/path/lfw-deepfunneled.tgz] [PAIRS=/path/pairs.txt]
#              the same pipeline on all of MNIST and LFW, hours; without a path the data set is downloaded

PYTHON ?= python3
# Stages are plain `python …`: the environment must come first on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: repro test check ui benchmark readme paper-scale

repro: .venv/ready mlflow.db
	dvc repro

DIGITS = dataset=mnist source=$(or $(MNIST),null) triplet.epochs=20 training.copies=0 judge.epochs=6
FACES = dataset=lfw source=$(or $(LFW),null) pairs=$(or $(PAIRS),null) training.copies=0 training.epochs=3 loss.pi_emb=0.5 \
  judge.least_pictures=5 judge.epochs=40 \
  held_out=[George_W_Bush,Colin_Powell,Tony_Blair,Donald_Rumsfeld,Gerhard_Schroeder,Ariel_Sharon,Hugo_Chavez,$\
  Junichiro_Koizumi,John_Ashcroft,Jacques_Chirac]

paper-scale: .venv/ready mlflow.db
	dvc exp run $(DIGITS:%=-S digits.%) $(FACES:%=-S faces.%) \
	  -S alpha_sweep.epochs=1 -S failure_modes.pictures=1000 -S evaluation.mock_system.pictures=10

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
