# Every target first sets up what it needs in .venv; the stamp files make a second run quick.
PYTHON ?= python3
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: demo test test-failed check faults bench docs lock

demo: $(VENV)/runs
	$(BIN)/zhanggui demo --port $(PORT)

test: $(VENV)/tests
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile

# What failed last, one after the other.
test-failed: $(VENV)/tests
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

check: $(VENV)/tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

faults: $(VENV)/tests
	$(BIN)/python -m tests.faults

bench: $(VENV)/tests
	$(BIN)/python -m tests.bench

# After a change of a command: its reference.
docs: $(VENV)/tests
	$(BIN)/python -m tests.tree.commands_page

# After a change of the dependencies in pyproject.toml (needs uv). setuptools is locked too: it builds the project.
lock:
	echo 'setuptools>=77' | $(COMPILE) pyproject.toml - -o requirements.lock
	echo 'setuptools>=77' | $(COMPILE) --extra scale pyproject.toml - -o requirements-scale.lock
	echo 'setuptools>=77' | $(COMPILE) --extra test --extra scale pyproject.toml - -o requirements-test.lock

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/runs: $(VENV)/made requirements.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/tests: $(VENV)/runs requirements-test.lock
	$(PIP) --require-hashes -r requirements-test.lock
	touch $@
