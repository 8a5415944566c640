# `make test` needs Python 3.11 or newer, git and make; everything else goes into .venv.

PYTHON ?= python3
VENV ?= .venv
FLOOR ?= .venv-floor
COSMOS ?= .venv-cosmos
# mypy reads paths as another version of dbt's library does, so it has a place of its own.
CHECKER ?= .venv-mypy
# Tests of one module stay together: they share servers. Their order is ours: see tests/conftest.py.
PYTEST_ARGS ?= -n 2 --dist loadscope --no-loadscope-reorder
BENCH_ARGS ?=
DEMO_PORT ?= 8080
DEMO_HOME ?= .demo

# Tests start hundreds of processes, none of which should compile what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
# What asks Airflow itself, and not only what Airflow is told.
FLOOR_TESTS := $(addprefix tests/capture/test_,catalogued.py deferred.py rendered.py scheduler.py tasks.py) \
	tests/operators tests/hooks tests/test_provider_info.py tests/test_asset_uris.py tests/test_links.py
# A benchmark is a file of benchmarks/ that can be run.
BENCHMARKS := $(shell grep -l '__main__' benchmarks/*.py 2>/dev/null)

.PHONY: test env lint unit integration cosmos floor bench demo demo-stop clean

test: lint unit integration cosmos

env: $(STAMP)

$(STAMP): setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(UV) || $(BIN)/python -m pip install --quiet uv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[dev]'
	@touch $@

lint: $(STAMP) $(CHECKER)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(CHECKER)/bin/mypy --python-executable $(BIN)/python
	$(BIN)/lint-imports

$(CHECKER)/.installed: $(STAMP)
	test -x $(CHECKER)/bin/python || $(PYTHON) -m venv $(CHECKER)
	$(UV) pip install --quiet --python $(CHECKER)/bin/python 'mypy>=2'
	@touch $@

unit: $(STAMP)
	$(BIN)/python -m pytest $(PYTEST_ARGS) --ignore tests/integration --ignore tests/cosmos

# Each with an Airflow of its own, which needs the machine for itself.
integration: $(STAMP)
	$(BIN)/python -m pytest tests/integration

# With Cosmos installed, whose plugin would slow down each Airflow of the other tests.
cosmos: $(COSMOS)/.installed
	$(COSMOS)/bin/python -m pytest tests/cosmos

$(COSMOS)/.installed: $(STAMP) tests/cosmos/requirements.txt
	test -x $(COSMOS)/bin/python || $(PYTHON) -m venv $(COSMOS)
	$(UV) pip install --quiet --compile-bytecode --python $(COSMOS)/bin/python -e '.[dev]' -r tests/cosmos/requirements.txt
	@touch $@

# What meets Airflow, on the oldest Airflow that is supported.
floor: $(FLOOR)/.installed
	$(FLOOR)/bin/python -m pytest $(PYTEST_ARGS) $(FLOOR_TESTS)
	$(FLOOR)/bin/python -m pytest tests/integration/test_standalone.py tests/integration/test_api.py

$(FLOOR)/.installed: $(STAMP) tests/floor.txt
	test -x $(FLOOR)/bin/python || $(PYTHON) -m venv $(FLOOR)
	$(UV) pip install --quiet --compile-bytecode --python $(FLOOR)/bin/python -e '.[dev]' -r tests/floor.txt
	@touch $@

bench: $(STAMP)
	@set -e; for benchmark in $(BENCHMARKS); do \
		echo "== $$benchmark $(BENCH_ARGS)"; PYTHONPATH=. $(BIN)/python $$benchmark $(BENCH_ARGS); \
	done

demo: $(STAMP)
	$(BIN)/python -m demo start --home $(DEMO_HOME) --port $(DEMO_PORT)

demo-stop:
	$(BIN)/python -m demo stop --home $(DEMO_HOME)

clean:
	rm -rf $(VENV) $(FLOOR) $(COSMOS) $(CHECKER) $(DEMO_HOME) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
