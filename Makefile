# make demo, make test, make lint: on a machine with python3, git and make.
# The first run sets up .venv (a minute or two); later runs start at once.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := help
.PHONY: help demo test lint format clean

help:
	@echo "make demo     play a story with the real hooks, in a scratch repository"
	@echo "make test     all tests (ARGS='tests/rules -k GM205' for some)"
	@echo "make lint     ruff and mypy --strict"
	@echo "make format   let ruff put the code in order"
	@echo "make clean    remove .venv and all caches"

demo: .venv/runs
	@$(BIN)/gitmig demo

test: .venv/tests
	@$(BIN)/python -m pytest $(ARGS)

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "gitmig needs Python 3.10 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; \
	  echo "help: name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "setting up .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "$(PYTHON) -m venv failed; on Debian and Ubuntu it is a package: apt install python3-venv" >&2; exit 1; }

.venv/runs: pyproject.toml | $(BIN)/python
	@echo "installing gitmig and the libraries it runs on"
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --editable .
	@touch $@

.venv/tests: .venv/runs
	@echo "installing what the tests need"
	@$(PIP) install --group test --group lint
	@touch $@
