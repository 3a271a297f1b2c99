# Kingston Schema.  `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
# Where the sample portal's size is decided; see `kingston seed --help`.
SEED ?= --clients 130 --products 1000 --seed 7
TESTS ?=
SIZES ?=
SUBJECTS ?=

.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -c
.PHONY: help install venv upgrade test test-long lint clean snapshot golden fingerprints locks mutation bench

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

upgrade: install ## Everything from nothing: server, Phase 1 portal, sample data, migration to head, status
	$(BIN)/kingston up
	$(BIN)/kingston upgrade legacy --yes
	$(BIN)/kingston seed --once $(SEED)
	$(BIN)/kingston upgrade --yes
	$(BIN)/kingston status

test: install ## The tests; older PostgreSQL found take a part (KINGSTON_TEST_SERVERS=18 restricts)
	$(BIN)/python -m pytest -n 2 $(TESTS)

test-long: install ## The same with every place of interruption instead of a sample
	KINGSTON_LONG=1 $(BIN)/python -m pytest -n 2 $(TESTS)

lint: install ## Style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

snapshot: install ## Freeze SQL texts: OBJ=name REV=NNNN, or without both whatever changed
	$(BIN)/python tools/snapshot.py $(OBJ) $(REV)

golden: install ## Write the --sql script of every revision to tests/golden
	$(BIN)/python tools/golden.py

fingerprints: install ## Write what every revision should be, from real servers
	$(BIN)/python tools/fingerprints.py

locks: install ## Write which locks each step of each revision takes, from real runs
	$(BIN)/python tools/locks.py

bench: install ## Measure and write docs/benchmarks.md: SIZES="10000 50000" SUBJECTS="page validation"; half an hour for all
	$(BIN)/python -m bench $(if $(SIZES),--sizes $(SIZES)) $(if $(SUBJECTS),--subjects $(SUBJECTS))

mutation: install ## Leave out each operation of each downgrade; print how many are noticed
	$(BIN)/python tools/mutation.py

install: $(STAMP) ## .venv with the package and everything the tests need

venv: install

# A checkout that was moved, or whose Python is gone, gets a new .venv; a changed pyproject.toml is installed.
ifneq ($(shell cat $(STAMP) 2>/dev/null && $(BIN)/python -c 'print("works")' 2>/dev/null),$(CURDIR) works)
.PHONY: $(STAMP)
endif

$(STAMP): pyproject.toml
	@if [ "$$(cat $(STAMP) 2>/dev/null)" != "$(CURDIR)" ] || ! $(BIN)/python -c 'import pip' 2>/dev/null; then \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "make: Python 3.11 or later is needed, and $(PYTHON) is not." >&2; \
	    echo "  next: make $(or $(MAKECMDGOALS),install) PYTHON=/path/to/python3.11" >&2; exit 2; }; \
	  $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	    echo "make: $(PYTHON) cannot make virtual environments; Debian and Ubuntu pack that separately." >&2; \
	    echo "  next: apt-get install python3-venv, then make $(or $(MAKECMDGOALS),install)" >&2; exit 2; }; \
	  if [ -L .venv ]; then rm .venv; fi; \
	  echo "$(PYTHON) -m venv .venv"; $(PYTHON) -m venv --clear .venv; fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@echo "$(CURDIR)" > $(STAMP)

clean: ## Stop the embedded server; remove .venv and caches (its data under .kingston/ stays)
	-@test ! -x $(BIN)/kingston || $(BIN)/kingston stop
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis src/*.egg-info
