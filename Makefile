# Two commands for everybody: make demo, make test. All set-up happens by itself, into .venv and .cache.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
BIN := .venv/bin
# Interpreters that `make test` runs everything on; there a target that cannot run is a failure.
TARGETS ?= cpython,unix,unix32,wasm,rp2040
# Test processes side by side. Each starts its own servers, on free ports.
JOBS ?= 2
MINUTES ?= 10
ARGS ?=
# Of `make demo`: rp2040 for the emulated board.
BOARD ?=

.PHONY: help venv runtimes servers demo check test soak fuzz measure bench budget compat plots lint types sizes format pins clean distclean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
	  || sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1: \2/p' $(MAKEFILE_LIST)

venv: ## .venv with the pinned test tools (and curl, if it is missing)
	@$(PYTHON) tools/bootstrap.py

runtimes: ## MicroPython: unix, unix32, WebAssembly, the emulated board; pinned, into .cache
	@$(PYTHON) tools/runtimes.py fetch $(filter-out cpython,$(subst $(comma), ,$(TARGETS)))

servers: ## the environments of the test servers, into .cache
	@$(PYTHON) tools/bootstrap.py servers

demo: venv ## sign and upload a real file to a real S3 server, from MicroPython (or BOARD=rp2040)
	@$(BIN)/python tools/demo.py $(if $(BOARD),--board $(BOARD)) $(ARGS)

check: venv lint types ## the fast inner loop, under a minute: no servers, CPython and unix only
	@$(PYTHON) tools/runtimes.py fetch unix
	@$(BIN)/pytest -q -n $(JOBS) --target=cpython,unix -m 'not server and not slow' $(ARGS)

test: servers runtimes lint types ## everything, on every interpreter, against real servers
	@SIGV4_MP_REQUIRE_TARGETS=$(TARGETS) $(BIN)/pytest -n $(JOBS) --dist worksteal --target=$(TARGETS) $(ARGS)

fuzz: venv ## differential runs against awscrt and botocore for MINUTES=10; ARGS=--record adds it up
	@$(BIN)/python -m host_tests.fuzz --minutes $(MINUTES) --jobs $(JOBS) $(ARGS)

soak: servers runtimes ## what runs long: 64 MiB in every mode, every fault at every kilobyte
	@$(BIN)/pytest -n $(JOBS) --dist worksteal --target=$(TARGETS) -m soak $(ARGS)

measure: servers runtimes ## throughput, heap, stalls and faults of uploads, as Markdown
	@$(BIN)/python host_tests/measure_uploads.py $(ARGS)

bench: servers runtimes ## the same operations on every target: bench/results.json, docs/performance.md
	@$(BIN)/python bench/run.py $(ARGS)

compat: servers ## probe Swift, MiniStack, rclone and moto: docs/compatibility.md
	@$(BIN)/python tools/compat.py --server all --record --write-docs

budget: runtimes ## what CI holds sizes, bytes and ratios to, measured anew: bench/budget.json
	@$(BIN)/python bench/run.py --budget

plots: venv ## the pictures of docs/performance.md, from bench/results.json
	@$(BIN)/python bench/run.py --report

lint: venv ## ruff and codespell
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet --diff . && $(BIN)/codespell
	@echo "lint: clean"

types: venv ## mypy over the stubs, and the stubs against the code
	@$(BIN)/mypy --no-error-summary && $(BIN)/python host_tests/check_stubs.py

sizes: venv ## bytes of each module as .mpy, into the README's table
	@$(BIN)/python tools/sizes.py --write && $(BIN)/python tools/sizes.py

format: venv ## let ruff format the code, and renew package.json
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@$(PYTHON) tools/mip_index.py --write && $(PYTHON) tools/pieces.py --write && $(PYTHON) tools/boards.py --write

pins: ## newest versions into requirements/*.txt (looks at the package registry)
	@$(PYTHON) tools/pins.py

clean: ## remove what tools leave behind
	@rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis build dist
	@find lib firmware tools host_tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## also .venv and .cache: as after a fresh clone
	@rm -rf .venv .cache

comma := ,
