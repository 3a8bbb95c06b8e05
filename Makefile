# Two commands do everything: `make demo` runs the main job, `make test` passes the tests.
VENV ?= .venv
PY := $(VENV)/bin/python
PORT ?= 8000
DATA ?= data
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help demo test setup setup-dev frontend lint types format bench clean

help:
	@echo "make demo   the city of the demonstration, its plan, logins, on http://127.0.0.1:$(PORT) (DATA=$(DATA))"
	@echo "make test   every test, lint and types"
	@echo "make bench  the benchmarks"

demo: setup
	$(VENV)/bin/lantian demo --data "$(DATA)" --port "$(PORT)"

test: setup-dev lint types
	$(PY) -m scripts.run_tests

setup: $(VENV)/.base lantian/web/static/dist/app.js $(VENV)/.messages
setup-dev: setup $(VENV)/.dev

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Lantian needs Python 3.11 or newer: install it, or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.base: $(VENV)/bin/python requirements/base.txt pyproject.toml
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

FRONTEND := frontend/build.mjs frontend/package-lock.json $(wildcard frontend/src/* frontend/src/*/*) lantian/web/navigation.py $(shell find lantian -name '*.html' -not -path '*/node_modules/*')
lantian/web/static/dist/app.js: $(FRONTEND) | $(VENV)/.base
	$(PY) scripts/build_frontend.py

$(VENV)/.messages: $(shell find lantian -name 'django.po') | $(VENV)/.base
	$(PY) -m lantian.web.messages compile
	@touch $@

frontend: $(VENV)/.base
	$(PY) scripts/build_frontend.py

lint: setup-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports --no-cache

types: setup-dev
	$(VENV)/bin/mypy --no-incremental

format: setup-dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: setup-dev
	$(PY) -m benchmarks

clean:
	rm -rf $(VENV) lantian/web/static/dist frontend/node_modules
