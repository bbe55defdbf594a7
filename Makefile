# The paper's data: a path, or the data set is downloaded. SET has more values, with absolute paths, as the preset takes them.
#   make paper-scale [MNIST=/folder/with/idx/files] [LFW=/path/lfw-deepfunneled.tgz] [PAIRS=/path/pairs.txt]
#     [SET="digits.judge.epochs=12 faces.crop=null"]

PYTHON ?= python3
# Stages are plain `python …`: the environment must come first on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: help repro test test-fast check ui benchmark readme parameters paper-scale paper-networks

help: ## print these lines
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

repro: .venv/ready mlflow.db ## set up everything and run the pipeline
	dvc repro

# A copy of the last commit, with the values of conf/*.yaml; the project itself stays as it is.
PRESET = python -m masquerade.preset
COPIES = .dvc/tmp/presets
KEPT = $(CURDIR)/reports/paper-scale
NETWORKS = python -m masquerade.report.networks $(KEPT)/networks.csv
SOURCES = $(if $(MNIST),digits.source=$(abspath $(MNIST))) $(if $(LFW),faces.source=$(abspath $(LFW))) \
  $(if $(PAIRS),faces.pairs=$(abspath $(PAIRS))) $(SET)

paper-scale: .venv/ready mlflow.db ## the same pipeline on all of MNIST and LFW, hours; kept in reports/paper-scale
	$(PRESET) paper-scale $(SOURCES)
	cd $(COPIES)/paper-scale && python -m masquerade.report.keep $(KEPT) && $(NETWORKS)

PAPERS = $(NETWORKS) --generator unet --title
SHRINK = python -m masquerade.figures.shrink

paper-networks: .venv/ready mlflow.db ## then the paper's own networks, a row each in reports/paper-scale/networks.md
	$(PRESET) --name paper-0.3 paper-scale paper-networks generator.alpha=0.3 $(SOURCES) \
	  --stage roc@digits --stage gallery@digits --stage recognisability@digits
	cd $(COPIES)/paper-0.3 && $(PAPERS) "the paper's, α 0.3" --modality digits && \
	  $(SHRINK) reports/digits/gallery.png $(KEPT)/paper-0.3.png
	$(PRESET) --name paper-0.2 paper-scale paper-networks $(SOURCES) \
	  --stage roc --stage gallery --stage recognisability@digits
	cd $(COPIES)/paper-0.2 && $(PAPERS) "the paper's, α 0.2" --modality digits && \
	  $(PAPERS) "the paper's, half an epoch" --modality faces --without-judge && \
	  $(SHRINK) reports/digits/gallery.png $(KEPT)/paper-0.2.png

# Files whose tests take longest are collected first; pytest-xdist would sort them by number. Not loadgroup: pytest 9.2
# has no place for the names of pytest-xdist 3.8's groups, and every test is then on its own.
PYTEST = pytest -n 2 --dist loadfile --no-loadscope-reorder

test: .venv/ready ## set up everything and run all tests
	$(PYTEST)

test-fast: .venv/ready ## run the unit tests alone, in a minute
	$(PYTEST) -m "not slow"

check: .venv/ready ## lint and types
	ruff check
	ruff format --check
	mypy

ui: .venv/ready mlflow.db ## browse the runs
	mlflow ui

benchmark: .venv/ready ## measure how fast networks train and files are read
	pytest tests/benchmarks --benchmark-only

readme: .venv/ready ## put the results of the last run into README.md
	python -m masquerade.report.readme

parameters: .venv/ready ## write params.schema.json and docs/parameters.md from the models and params.yaml
	python -m masquerade.params

.venv/ready: requirements.txt pyproject.toml
	test -d .venv || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

mlflow.db: | .venv/ready
	python -m masquerade.tracking
