# Concordat. `make up` runs it, `make test` tests it; both make their own environment first.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
MEMBERS := contracts kit services/registry services/accountability services/shared-services gateway launcher
READY := .venv/.ready

.PHONY: help up test spark lint types bench verify docs asyncapi lock clean

help: ## Lists what make can do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock $(MEMBERS:%=%/pyproject.toml)
	@[ -n "$(PYTHON)" ] || { echo "Concordat needs Python 3.11 or newer: install it (Debian: apt-get install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Concordat needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.installer.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps $(MEMBERS:%=-e ./%)
	@touch $@

up: $(READY) ## Runs Concordat with a demo portfolio of real schools
	@exec $(BIN)/concordat up $(ARGS)

test: $(READY) ## Runs all tests on real PostgreSQL and NATS
	$(BIN)/pytest -n auto $(ARGS)

spark: $(READY) ## Rates all data sets on a Spark cluster of two workers as well (needs Java 17: Debian default-jre-headless)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements.spark.lock
	$(BIN)/pytest tests/accountability/test_spark.py $(ARGS)

lint: $(READY) ## Formatting, lint and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(READY) ## Static types
	$(BIN)/mypy

bench: $(READY) ## Prints the performance table, each figure beside its baseline
	$(BIN)/python -m tests.bench $(ARGS)

verify: $(READY) ## Rates the real data sets and compares with the published ratings
	@for set in library/data/*/; do echo "== $$set"; $(BIN)/concordat verify "$$(basename "$$set")" || exit 1; done

docs: $(READY) ## Writes the generated documents: event schemas, AsyncAPI
	$(BIN)/python -m contracts.describe

asyncapi: $(READY) ## Checks the generated documents, with the AsyncAPI CLI's own parser (needs npm)
	$(BIN)/python -m contracts.describe
	git diff --exit-code --stat -- docs/asyncapi.json contracts/contracts/schemas
	npm install --silent --no-audit --no-fund --no-save --prefix .npm-tools @asyncapi/parser@3.6.3
	cp docs/validate-asyncapi.mjs .npm-tools/ && node .npm-tools/validate-asyncapi.mjs

lock: $(READY) ## Renews the lock files from the pyproject files
	$(BIN)/uv export --quiet --all-packages --group dev --no-emit-workspace --no-header --upgrade -o requirements.lock
	grep -A 40 '^uv==' requirements.lock | awk 'NR == 1 || /^    --hash/ {print; next} {exit}' > requirements.installer.lock

clean: ## Removes the environment and the demo's data
	rm -rf .venv .concordat
