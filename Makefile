# hitmiss: everything a person or CI does here. Needs Python 3.11 or newer, make and git.

# The first of these that is Python 3.11 or newer; `make PYTHON=/path/to/python` names another.
CANDIDATES := python3 python3.11 python3.12 python3.13 python3.14 python
PYTHON ?= $(shell for p in $(CANDIDATES); do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# The first of these that is there runs the tests too: eager tasks need 3.12.
NEWER ?= 3.12 3.13 3.14

# Apart from the rest, and in test-all one by one: who shares a core with much else cannot tell a
# program that is idle from one that waits.
ALONE := tests/e2e/terminal tests/e2e/ssh
CORES := -n auto --maxprocesses 4
# One more than there are cores, up to four: most of a test's time is waiting for a server.
AT_ONCE := -n $(shell n=$$(getconf _NPROCESSORS_ONLN || echo 2); [ $$n -lt 4 ] && echo $$((n + 1)) || echo 4) \
  $(addprefix --ignore ,$(ALONE))

# What eager tasks may make a difference to.
OF_TASKS := tests/unit/service tests/unit/controllers tests/unit/audit tests/unit/lab tests/unit/plain \
  tests/unit/cache/redis/test_wire.py tests/unit/cache/redis/test_cache_leases.py \
  tests/unit/runtime/test_shared_task.py tests/unit/database/sql tests/contract tests/screens

VENV := .venv
BIN := $(VENV)/bin
PINS := -c .ci/constraints.txt
PIP := -m pip --disable-pip-version-check install --quiet $(PINS)
# Apart from the rest: what that brings along, numpy among it, redis would load where it is there.
OF_SERVERS := import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["servers"][0])
DEMO := .demo/users.db
SHARED := PYTHONPATH=$(CURDIR)/tests/support
DRAWN := PYTHONPATH=$(CURDIR)/tests/support:$(CURDIR)/tests/e2e

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-fast coverage consistency soak bench bench-terminal calls check lint \
  types contracts format screenshot demo-cast pictures man dist clean

help: ## list what make can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	  while IFS="$$(printf '\t')" read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

run: $(VENV)/run $(EXTRAS:%=$(VENV)/run-%) $(DEMO) ## open the explorer on a seeded database (ARGS='--ttl 5' passes options, EXTRAS=mysql adds a driver)
	@[ -n "$$HITMISS_DB$$DATABASE_URL" ] || export HITMISS_DB=$(DEMO); $(BIN)/hitmiss $(ARGS)

test: $(VENV)/dev ## run the tests but those that wait on purpose (TESTS=... runs what it names)
	$(BIN)/python -m pytest $(or $(TESTS),-m 'not slow' $(AT_ONCE))
	$(if $(TESTS),,$(BIN)/python -m pytest -m 'not slow' $(CORES) $(ALONE))

test-all: $(VENV)/dev ## run all of them, some on a newer Python too where there is one
	$(BIN)/python -m pytest $(AT_ONCE)
	$(BIN)/python -m pytest $(ALONE)
	@for version in $(NEWER); do \
	  for python in python$$version $(HOME)/.pyenv/versions/$$version*/bin/python; do \
	    if [ "$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>&1)" = "$$version" ] \
	      && ! $(BIN)/python --version | grep -q " $$version\."; then \
	      $(MAKE) --no-print-directory test-with VERSION=$$version WITH=$$python || exit 1; exit 0; \
	    fi; done; done

test-fast: $(VENV)/dev ## those without a screen or another process, in about a minute (TESTS=tests/unit/service)
	$(BIN)/python -m pytest -m fast $(CORES) $(TESTS)

coverage: $(VENV)/dev ## what fast tests and those of databases run of the core; fails below a floor
	@rm -rf .coverage && mkdir .coverage
	$(BIN)/coverage run -m pytest -m fast $(CORES)
	$(BIN)/coverage run -m pytest -m 'not fast' tests/contract tests/unit/database $(CORES)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: test-with
test-with: .venv-$(VERSION)/dev
	.venv-$(VERSION)/bin/python -m pytest $(or $(TESTS),$(AT_ONCE) $(OF_TASKS))

consistency: $(VENV)/dev ## races and faults in several processes (CAMPAIGN='--database mariadb --naive')
	cd tests/e2e && $(SHARED) ../../$(BIN)/python -m consistency.campaign $(CAMPAIGN)

soak: $(VENV)/dev ## fuzzed terminal, odd servers, killed connections (SOAK='--minutes 10 --seed 7')
	cd tests/e2e && $(SHARED) ../../$(BIN)/python -m soak $(SOAK)

bench: $(VENV)/dev ## time lookups beside other libraries, about five minutes (BENCH=--smoke)
	cd tests && $(SHARED) ../$(BIN)/python -m bench --json ../bench.json --markdown ../bench.md $(BENCH)
bench-terminal: $(VENV)/dev ## bytes, first paint, memory, beside Textual's own (BENCH='--json FILE')
	cd tests/e2e && $(SHARED) ../../$(BIN)/python -m terminal.bench $(BENCH)

calls: $(VENV)/dev ## how many calls a look-up makes (CALLS=--all names each)
	@$(SHARED) $(BIN)/python tests/support/call_counts.py $(CALLS)

check: lint types contracts ## lint, types and import contracts

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

contracts: $(VENV)/dev
	$(BIN)/lint-imports

format: $(VENV)/dev ## put the code into its usual form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshot: $(VENV)/dev ## make the README's pictures from the running app
	$(SHARED) $(BIN)/python tests/support/screenshots/take.py

demo-cast: $(VENV)/dev ## play a demonstration, and make the README's moving picture of it
	$(DRAWN) $(BIN)/python tests/support/screenshots/animate.py tests/support/screenshots/demo.svg

pictures: $(VENV)/dev ## every screen as PNG in .pictures/, with a contact sheet for each look (PICTURES='dark ascii')
	@$(BIN)/python $(PIP) -e '.[pictures]'
	$(DRAWN) $(BIN)/python tests/support/screenshots/sheet.py .pictures $(PICTURES)

dist: .venv-dist/dist ## build sdist and wheel into dist/, check them, install one, test the other
	rm -rf dist
	PIP_CONSTRAINT=.ci/constraints.txt .venv-dist/bin/python -m build
	.venv-dist/bin/twine check --strict dist/*
	.ci/try-dist .venv-dist/bin/python dist

man: $(VENV)/dev ## write the man page and the tables of docs/reference.md from what --help says
	$(BIN)/python .ci/man/write.py > .ci/man/.new && mv .ci/man/.new .ci/man/hitmiss.1
	$(BIN)/python .ci/man/reference.py

clean: ## remove everything that make has made
	rm -rf $(VENV) .venv-* .servers .demo dist .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis .coverage .pictures snapshot_report.html bench.json bench.md
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'make: no Python 3.11 or newer found; name one: make PYTHON=/path/to/python' >&2; exit 2; }
	@echo "setting up $(VENV) with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv $(VENV)

.venv-$(VERSION)/bin/python:
	@echo "setting up .venv-$(VERSION)"
	@"$(WITH)" -m venv .venv-$(VERSION)

$(VENV)/run: pyproject.toml .ci/constraints.txt $(VENV)/bin/python
	@echo "installing hitmiss and what it needs into $(VENV): the first time this takes a while"
	@$(BIN)/python $(PIP) -e .
	@touch $@

# EXTRAS=postgresql, or more with commas or spaces between; also where the rest is there already.
$(VENV)/run-%: pyproject.toml .ci/constraints.txt | $(VENV)/run
	@$(BIN)/python $(PIP) -e '.[$*]'
	@touch $@

$(VENV)/dev: pyproject.toml .ci/constraints.txt $(VENV)/bin/python
	@echo "installing what the tests need into $(VENV): the first time this takes a minute or more"
	@$(BIN)/python $(PIP) -e '.[dev,bench]'
	@$(BIN)/python $(PIP) --upgrade --target $(VENV)/servers "$$($(BIN)/python -c '$(OF_SERVERS)')"
	@touch $@ $(VENV)/run

.venv-dist/dist: .ci/constraints.txt $(VENV)/bin/python
	@$(BIN)/python -m venv .venv-dist
	@.venv-dist/bin/python $(PIP) build twine
	@touch $@

.venv-$(VERSION)/dev: pyproject.toml .ci/constraints.txt .venv-$(VERSION)/bin/python
	@.venv-$(VERSION)/bin/python $(PIP) -e '.[dev,bench]'
	@.venv-$(VERSION)/bin/python $(PIP) --upgrade --target .venv-$(VERSION)/servers "$$($(BIN)/python -c '$(OF_SERVERS)')"
	@touch $@

$(DEMO): seed.sql $(VENV)/run
	@mkdir -p $(@D)
	@rm -f $@ $@-wal $@-shm
	@$(BIN)/python -c 'import sys; from pathlib import Path; from tui.database.sqlite.demo import make_demo; make_demo(Path(sys.argv[1]))' $@
