PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
SERVERS := .venv-servers
SERVERS_STAMP := $(SERVERS)/.installed

# Compiled modules are kept, whatever the surroundings say: every process of a test or of a run
# would compile dbt, SQLMesh and Dagster again, which is half of its start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup servers demo test test-long ui bench bench-soak lint clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

servers: $(SERVERS_STAMP)

$(SERVERS_STAMP): tests/servers/requirements.txt tests/servers/sdks/package.json
	@rm -f $@
	@test -x $(SERVERS)/bin/python || $(PYTHON) -m venv $(SERVERS)
	$(SERVERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@mkdir -p $(SERVERS)/sdks && cp tests/servers/sdks/package.json $(SERVERS)/sdks/
	@(command -v npm >/dev/null && cd $(SERVERS)/sdks && npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts) \
		|| echo "the tracking libraries for Node are left out: npm is not there, or could not install them"
	@touch $@

demo: setup
	$(BIN)/baton demo

test: setup lint
	$(BIN)/python -m pytest -n 2 -m "not long"

test-long: setup
	@$(MAKE) servers || echo "the tests against real servers are skipped: they could not be installed"
	$(BIN)/python -m pytest -n 2 -m long

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models dbt_project/tests
	$(BIN)/baton check

ui: export DAGSTER_HOME := $(CURDIR)/.dagster
ui: export DAGSTER_DISABLE_TELEMETRY := yes
ui: export VIRTUAL_ENV := $(CURDIR)/.venv
ui: export BATON_LANDING ?= $(CURDIR)/demo/landing
ui: export RETAIL_DROP_DIRECTORY ?= $(CURDIR)/demo/drops
ui: setup
	$(BIN)/baton demo --if-missing
	$(BIN)/dg dev --port $${BATON_UI_PORT:-3000}

bench: setup
	$(BIN)/python -m benchmarks.main_job --small
	$(BIN)/python -m benchmarks.journeys --small
	$(BIN)/python -m benchmarks.decisions --small
	$(BIN)/python -m benchmarks.delivery --small
	$(BIN)/python -m benchmarks.identity --small
	$(BIN)/python -m benchmarks.release
	$(BIN)/python -m benchmarks.linkage --small || echo "links by likeness are left out: their data sets are not there"
	$(BIN)/python -m benchmarks.latency --small
	$(BIN)/python -m benchmarks.catching_up --small
	$(BIN)/python -m benchmarks.warm_batches --small
	$(BIN)/python -m benchmarks.collecting --small

bench-soak: setup
	$(BIN)/python -m benchmarks.soak

clean:
	rm -rf demo baton.duckdb baton.duckdb.* baton.journal.db* .baton.spill dbt_project/target logs
