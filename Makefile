# The paper's data: a path, or the data set is downloaded.
#   make paper-scale [MNIST=/folder/with/idx/files] [LFW=/path/lfw-deepfunneled.tgz] [PAIRS=/path/pairs.txt]

PYTHON ?= python3
# Stages are plain `python …`: the environment must come first on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: help repro test test-fast check ui benchmark readme parameters paper-scale paper-networks

help: ## print these lines
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

repro: .venv/ready mlflow.db ## set up everything and run the pipeline
	dvc repro

DIGITS = dataset=mnist source=$(or $(MNIST),null) triplet.epochs=40 augmentation.copies=0 unet.training.epochs=5 unet.training.steps=null judge.epochs=6
FACES = dataset=lfw source=$(or $(LFW),null) pairs=$(or $(PAIRS),null) image_size=96 augmentation.copies=0 unet.training.epochs=3 unet.loss.pi_emb=0.5 \
  judge.least_images=5 judge.epochs=40 \
  held_out=[George_W_Bush,Colin_Powell,Tony_Blair,Donald_Rumsfeld,Gerhard_Schroeder,Ariel_Sharon,Hugo_Chavez,$\
  Junichiro_Koizumi,John_Ashcroft,Jacques_Chirac]

paper-scale: .venv/ready mlflow.db ## the same pipeline on all of MNIST and LFW, hours; kept in reports/paper-scale
	dvc exp run $(DIGITS:%=-S digits.%) $(FACES:%=-S faces.%) \
	  -S failure_modes.images=1000 -S evaluation.mock_system.images=10
	python -m masquerade.report.keep paper-scale
	for modality in digits faces; do for generator in unet veiled; do \
	  $(NETWORK) $$modality "$$modality, $$generator" $(NETWORKS) --generator $$generator || exit; \
	done; done

NETWORK = python -m masquerade.report.networks
NETWORKS = reports/paper-scale/networks.csv

# The networks of Section 4.3: 64 filters, a constant learning rate, the paper's π_emb, the whole of α
PAPER_DIGITS = unet.width=64 unet.normalisation=none unet.loss.pi_emb=0.9 unet.loss.warm_up=0 unet.loss.share_of_alpha=1 \
  unet.training.batch_size=64 unet.training.learning_rate=1e-4 unet.training.schedule=constant unet.training.epochs=1 \
  unet.training.steps=null

# Half an epoch of 160×160 faces, half an hour on two cores. Its veiled generator is not looked at.
PAPER_FACES = image_size=160 unet.width=64 unet.normalisation=batch unet.loss.pi_emb=0.1 unet.loss.share_of_alpha=1 \
  unet.training.batch_size=32 unet.training.learning_rate=1e-4 unet.training.schedule=constant unet.training.epochs=6 \
  unet.training.steps=24 veiled.epochs=1 veiled.steps=8

paper-networks: .venv/ready mlflow.db ## then the paper's own networks, a row each in reports/paper-scale/networks.md
	for alpha in 0.3 0.2; do \
	  dvc exp run $(DIGITS:%=-S digits.%) $(PAPER_DIGITS:%=-S digits.%) -S generator.alpha=$$alpha \
	    roc@digits gallery@digits recognisability@digits && \
	  $(NETWORK) digits "digits, the paper's, α $$alpha" $(NETWORKS) --generator unet && \
	  cp reports/digits/gallery.png reports/paper-scale/paper-$$alpha.png || exit; \
	done
	dvc exp run $(FACES:%=-S faces.%) $(PAPER_FACES:%=-S faces.%) -S generator.alpha=0.2 roc@faces gallery@faces
	$(NETWORK) faces "faces, the paper's, half an epoch" $(NETWORKS) --generator unet --without-judge
	cp reports/faces/gallery.png reports/paper-scale/paper-faces.png

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
