# mute-audit: the commands of this repository. `make help` lists them.
#
# Environments (all ignored by git; `make setup` builds them, a second call does nothing):
#   .venv-uv        pip and the pinned uv, which installs the other two
#   .venv           mute-audit, editable, with its demo and dev extras
#   .venv-checkov   checkov, whose pins (old boto3, networkx) must not meet ours
#
# Every package is pinned with its hashes, for every platform, in constraints.txt,
# constraints-checkov.txt and constraints-bootstrap.txt, and nothing without a matching hash is
# installed. To refresh them:
#   make constraints             after a change of the dependencies: keeps the other pins
#   make constraints UPGRADE=1   the newest versions of everything
# They come from the default package index alone: the local configuration of pip and uv is left
# out, so that no index or wheel of one machine gets into them. To install from a mirror, set
# PIP_INDEX_URL and UV_DEFAULT_INDEX: the hashes hold all the same.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The Python to build with: the first of these that runs, is new enough and can make a venv.
# A look at PATH is not enough: version managers leave stand-ins there that only print an error.
CANDIDATES := python3.13 python3.12 python3.11 python3
PYTHON ?= $(firstword $(foreach p,$(CANDIDATES),$(shell \
	$(p) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $(p))))

BIN := .venv/bin
UV := .venv-uv/bin/uv
# Compiled once, here, and not again at every start of a command, as it would be where
# PYTHONDONTWRITEBYTECODE is set. The same holds for the package itself (.venv/.compiled).
INSTALL_FLAGS := --require-hashes --compile-bytecode --quiet
SOURCES := $(wildcard mute_audit/*.py mute_audit/*/*.py mute_audit/*/*/*.py)

# Two workers: the machines that run this have two cores, and terraform and chromium want theirs.
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest
ARGS ?=

# --- environments -----------------------------------------------------------------------------

.PHONY: setup
setup: .venv/.compiled .venv-checkov/.installed $(BIN)/checkov ## Build .venv and .venv-checkov (PYTHON=…: with this Python; first distclean)

.venv-uv/.installed: constraints-bootstrap.txt
	@if [ -z "$(PYTHON)" ]; then \
	  echo "mute-audit needs Python 3.11 or newer with its venv module (on Debian and Ubuntu a" >&2; \
	  echo "package of its own, python3-venv); none of $(CANDIDATES) is that." >&2; \
	  echo "Name one: make setup PYTHON=/path/to/python3" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; v = sys.version_info; ok = v >= (3, 11); \
	  ok or print(f"$(PYTHON) is Python {v[0]}.{v[1]}; mute-audit needs 3.11 or newer", file=sys.stderr); \
	  sys.exit(not ok)'
	$(PYTHON) -m venv --clear .venv-uv
	.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --only-binary :all: --require-hashes -r constraints-bootstrap.txt
	@touch $@

# An environment is kept and brought up to date when it works, and made anew when its Python is
# gone. `pip sync` also takes out what the constraints no longer name.
define sync
	@$(1)/bin/python -c '' 2>/dev/null || $(UV) venv --quiet --no-config --no-python-downloads \
	  --clear --python .venv-uv/bin/python $(1)
	$(UV) pip sync --python $(1)/bin/python $(INSTALL_FLAGS) $(2)
endef

.venv/.installed: constraints.txt pyproject.toml .venv-uv/.installed
	$(call sync,.venv,constraints.txt)
	$(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.compiled: .venv/.installed $(SOURCES)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q mute_audit || \
	  echo "not all of mute_audit/ compiles" >&2
	@touch $@

.venv-checkov/.installed: constraints-checkov.txt .venv-uv/.installed
	$(call sync,.venv-checkov,constraints-checkov.txt)
	@touch $@

# Where mute-audit looks for it, in whatever shell it is started.
$(BIN)/checkov: | .venv/.installed .venv-checkov/.installed
	@ln -sf ../../.venv-checkov/bin/checkov $@

# Without the local configuration of pip and uv; UV_* variables that name an index are taken out
# one by one, because certificates and proxies must stay.
COMPILE = env -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL \
  -u UV_FIND_LINKS -u UV_CONSTRAINT -u UV_OVERRIDE -u UV_PRERELEASE -u UV_RESOLUTION \
  $(UV) pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-header --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

# cryptography (moto needs it) has no wheel for Macs with Intel processors from release 49 on.
define INTEL_MACS
cryptography<49; sys_platform == "darwin" and platform_machine == "x86_64"
cryptography>=49; sys_platform != "darwin" or platform_machine != "x86_64"
endef
export INTEL_MACS

.PHONY: constraints
constraints: .venv-uv/.installed ## Refresh the constraints files (UPGRADE=1: newest versions)
	@$(COMPILE) --extra demo --extra dev pyproject.toml -c <(echo "$$INTEL_MACS") -o constraints.txt >/dev/null
	@echo 'checkov==3.3.30' | $(COMPILE) - -o constraints-checkov.txt >/dev/null
	@echo 'uv' | $(COMPILE) - -o constraints-bootstrap.txt >/dev/null

# --- use ----------------------------------------------------------------------------------------

.PHONY: scan
scan: setup ## Scan the embedded AWS and write reports/latest/
	$(BIN)/mute-audit scan demo $(ARGS)

.PHONY: schemas
schemas: .venv/.installed ## Write mute_audit/schemas/ anew from the code
	@mkdir -p mute_audit/schemas
	$(BIN)/mute-audit schema --all --out mute_audit/schemas

# --- checks -------------------------------------------------------------------------------------

.PHONY: lint
lint: .venv/.installed ## ruff, mypy and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: .venv/.installed ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: system
system:
	@tests/setup-system

.PHONY: test
test: setup system lint ## Lint, the fast tests and a sample of the slow ones (ARGS=… for pytest)
	$(PYTEST) -n $(JOBS) -m 'not bench and (not slow or sample)' $(ARGS)

.PHONY: test-all
test-all: setup system lint ## Lint and every test but the benchmarks
	$(PYTEST) -n $(JOBS) -m 'not bench' $(ARGS)

.PHONY: bench
bench: setup ## The benchmarks, one after the other, alone on the machine
	$(PYTEST) -n 0 -m bench $(ARGS)

# --- the rest -----------------------------------------------------------------------------------

.PHONY: clean
clean: ## Remove caches, built packages and the latest report
	rm -rf build dist reports/latest .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find mute_audit policies tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: distclean
distclean: clean ## And the environments
	rm -rf .venv .venv-uv .venv-checkov

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
