# Two commands on a fresh machine with Python 3.11 or later: `make run` and `make test`.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links
# A process a core; each has servers of its own, in memory.
WORKERS := -n logical --maxprocesses 4 --dist loadgroup
export UV_PYTHON_DOWNLOADS := never
.DEFAULT_GOAL := help
.NOTPARALLEL:

help: ## What can be made
	@echo "Shoutu 守土. Needs Python 3.11 or later; everything else is prepared in $(VENV) on first use."
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

$(READY): requirements.lock pyproject.toml infra/setup.sh
	@sh infra/setup.sh $(VENV)
	@touch $@

setup: $(READY) ## Prepare the environment only

run: $(READY) ## Start the platform with the demonstration city, play both loops, stay up until Ctrl-C
	@SHOUTU_DEMONSTRATION=$${SHOUTU_DEMONSTRATION:-true} $(BIN)/shoutu up

test: $(READY) ## Every test, on a real PostgreSQL, NATS and Envoy
	@$(BIN)/python -m pytest $(WORKERS)

check: lint types test ## What CI runs: lint, types, walls and every test

lint: $(READY) ## Style, formatting and the walls between the parts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports

types: $(READY) ## Strict types
	@$(BIN)/mypy

contracts: $(READY) ## Bring schemas, samples, docs/flows.md, the AsyncAPI document and the guides' pages up to date
	@$(BIN)/python -m libs.contracts.golden --write
	@$(BIN)/python -m infra.documents --write

client: $(READY) ## A Python client, written from the API document into build/client
	@mkdir -p build
	@$(BIN)/python -m infra.api_document build/openapi.json
	@PATH="$(abspath $(BIN)):$$PATH" openapi-python-client generate --path build/openapi.json \
	  --output-path build/client/shoutu_client --meta none --overwrite --config infra/client.json

authorization: $(READY) ## Ask everybody about every operation, and rewrite the golden table of who may (long)
	@$(BIN)/python -m tests.authorization --write $(ROWS)

journeys: $(READY) ## Both loops through the gateway, in both shapes
	@$(BIN)/python -m pytest tests/journeys

faults: $(READY) ## 6,000 chains while everything is killed at random (long)
	@SHOUTU_FAULTS=full $(BIN)/python -m pytest tests/faults

hostile: $(READY) ## 100,000 hostile requests to the whole document, seeds printed (long)
	@$(BIN)/python -m tests.hostile

bench: $(READY) ## The figures of docs/benchmarks.md (long)
	@$(BIN)/python -m tests.bench

lock: $(READY) ## Lock the newest versions that pyproject.toml allows, with hashes; the images' locks follow
	@$(LOCK) --upgrade --extra dev --python-version 3.11 -o requirements.lock
	@$(LOCK) --python-version 3.13 -c requirements.lock -o infra/docker/service.lock
	@$(LOCK) --extra gateway --python-version 3.13 -c requirements.lock -o infra/docker/gateway.lock
	@$(LOCK) --extra setup --python-version 3.13 -c requirements.lock -o infra/docker/setup.lock

clean: ## Stop the platform over SHOUTU_HOME, remove its data, secrets and caches (the environment stays)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@if [ -x $(BIN)/shoutu ]; then $(BIN)/shoutu clean; \
	else echo "There is no $(VENV): data and secrets stay as they are until make setup and make clean."; fi

.PHONY: help setup run test check lint types contracts client authorization journeys faults hostile bench lock clean
