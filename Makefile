# The project's chores. `make` alone lists them.
#
# PIP_ARGS  is handed to every pip install: for example --extra-index-url and the address of PyTorch's CPU builds.
# ARGS      is handed to the command that demo, train, bench, quality, rounds and tests run.
# PYTHON    is the interpreter that .venv is made with; any Python 3.11 or newer.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format types contracts migrations tests bench quality rounds train lock clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INTERPRETERS := python3.11 python3.12 python3.13 python3.14 python3
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in $(INTERPRETERS); do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)
CODE := api embeddings matchmaker tests tools

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(BIN)/.runtime ## install the pinned dependencies and this project into .venv

demo: $(BIN)/.runtime ## set up if needed, then import the alliance's directory and serve it on 127.0.0.1
	@$(BIN)/matchmaker demo $(ARGS)

test: $(BIN)/.dev ## everything a change must pass: lint, types, contracts, migrations, tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory contracts
	@$(MAKE) --no-print-directory migrations
	@$(MAKE) --no-print-directory tests

lint: $(BIN)/.dev ## check style and formatting (ruff)
	@echo "== lint: ruff check, ruff format --check"
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)

format: $(BIN)/.dev ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

types: $(BIN)/.dev ## check types (mypy --strict)
	@echo "== types: mypy --strict"
	@$(BIN)/mypy --strict $(CODE)

contracts: $(BIN)/.dev ## check who may import whom (import-linter)
	@echo "== contracts: import-linter"
	@$(BIN)/lint-imports --no-logo

migrations: $(BIN)/.dev ## check that the migrations build exactly the tables in the code
	@echo "== migrations: matchmaker migrate --check"
	@$(BIN)/matchmaker migrate --check

tests: $(BIN)/.dev ## run the tests alone, for example: make tests ARGS=tests/unit
	@echo "== tests: pytest"
	@$(BIN)/python -m pytest -q $(ARGS)

bench: $(BIN)/.dev ## measure suggestions, import and requests against the bare work they need
	@$(BIN)/python -m tools.bench $(ARGS)

quality: $(BIN)/.dev ## rank every yardstick at hand rung by rung and write docs/quality.md (ARGS=--help)
	@$(BIN)/python -m tools.quality $(ARGS)

rounds: $(BIN)/.dev ## simulate rounds, time the solvers and write docs/rounds.md (ARGS=--help)
	@$(BIN)/python -m tools.rounds $(ARGS)

train: $(BIN)/.train ## rebuild the bundled model (needs the corpus: make train ARGS=--help)
	@$(BIN)/python -m embeddings.training $(ARGS)

lock: ## renew requirements/*.txt from pyproject.toml
	@set -eu; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	for name in runtime train dev; do \
		case $$name in runtime) what=.; limits=;; *) what=".[$$name]"; limits="-c $$work/runtime.txt";; esac; \
		echo "== lock: $$name"; \
		$(PYTHON) -m venv "$$work/$$name"; \
		pip="$$work/$$name/bin/python -m pip --disable-pip-version-check --no-input"; \
		$$pip install --quiet $(PIP_ARGS) --upgrade pip setuptools; \
		$$pip install --quiet $(PIP_ARGS) $$limits --editable "$$what"; \
		{ echo "# Every package of the $$name environment, pinned. Renew with: make lock"; \
		  $$pip freeze --all --exclude-editable --exclude pip --exclude wheel \
		  | sed 's/+cpu$$//' | grep -Ev '^(nvidia|cuda|triton)[-_=]' ; } > "$$work/$$name.txt"; \
	done; \
	mkdir -p requirements; cp "$$work"/*.txt requirements/

clean: ## remove .venv and every cache; var/ (the database) stays
	rm -rf $(VENV) *.egg-info build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: a lock that did not change is not installed again.

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
		echo "No Python 3.11 or newer with venv was found. Install one (Debian: python3 and python3-venv)," >&2; \
		echo "or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c '$(SUITABLE)' || { echo "$(PYTHON) is older than 3.11 or lacks venv." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(BIN)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(PIP) install $(PIP_ARGS) -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.dev: requirements/dev.txt $(BIN)/.runtime
	$(PIP) install $(PIP_ARGS) -r requirements/dev.txt
	@touch $@

$(BIN)/.train: requirements/train.txt $(BIN)/.runtime
	$(PIP) install $(PIP_ARGS) -r requirements/train.txt
	@touch $@
