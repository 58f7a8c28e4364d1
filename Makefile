# Everything a developer does here, one word each. `make` alone lists them.
#
# The first use of a target that needs packages makes .venv and installs a lock file from
# requirements/ into it; after that only a changed lock file installs anything.

VENV    ?= .venv
HOST    ?= 127.0.0.1
PORT    ?= 8000
WORKERS ?=

python := $(VENV)/bin/python
# scripts/find-python takes PYTHON=... when it is given, and looks for one otherwise
setup = interpreter=$$(sh scripts/find-python $(PYTHON)) && "$$interpreter" scripts/setup.py $(VENV)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve demo test coverage test-browser test-clients test-fuzz test-load
.PHONY: test-benchmarks lint format spec spec-check bench lock image containers clean
.PHONY: runtime-environment plot-environment test-environment dev-environment bench-environment
.PHONY: browser-environment clients-environment

help: ## this list
	@echo "usage: make TARGET"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) \
	    | while IFS='|' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done


# --- environments --------------------------------------------------------------------

runtime-environment:
	@$(setup) requirements/runtime.txt

plot-environment:
	@$(setup) requirements/plot.txt

test-environment:
	@$(setup) requirements/test.txt

dev-environment:
	@$(setup) requirements/dev.txt

browser-environment:
	@$(setup) requirements/browser.txt

clients-environment:
	@$(setup) requirements/clients.txt

bench-environment: runtime-environment
	@$(setup) requirements/bench.txt \
	    || echo "The peers could not be installed: measuring without them."


# --- running -------------------------------------------------------------------------

serve: plot-environment ## serve on http://HOST:PORT (127.0.0.1:8000), WORKERS processes
	@HOST="$(HOST)" PORT="$(PORT)" WORKERS="$(WORKERS)" \
	    exec $(python) -m gunicorn --config gunicorn.conf.py

demo: runtime-environment ## start the service, ask it for a gradient, stop it
	@$(python) scripts/demo.py


# --- checking ------------------------------------------------------------------------

test: test-environment ## the test suite (ARGS=... goes to pytest)
	@$(python) -m pytest -n auto --dist worksteal $(ARGS)

coverage: test-environment ## branch coverage by the quick tests, in this process: 95 % or more
	@$(python) -m pytest -n auto --dist worksteal -m "not slow and not live" \
	    --cov --cov-report=term $(ARGS)

test-fuzz: test-environment ## requests made up from openapi.yaml by Schemathesis
	@$(python) -m pytest tests/fuzz $(ARGS)

test-load: test-environment ## hundreds of slow clients, and the largest requests on every thread
	@$(python) -m pytest tests/load $(ARGS)

test-benchmarks: test-environment ## every benchmark, on tiny sizes
	@$(python) -m pytest tests/benchmarks $(ARGS)

test-browser: browser-environment ## the page in a real browser: needs chromium and chromedriver
	@$(python) -m pytest tests/browser $(ARGS)

test-clients: clients-environment ## examples/clients and generated clients, in the languages that are here
	@$(python) -m pytest tests/clients $(ARGS)

lint: dev-environment ## ruff check, ruff format --check and mypy; openapi.yaml, where npm is there
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@sh scripts/lint-contract $(VENV)/linters

format: dev-environment ## put the code into the house format
	@$(python) -m ruff check --fix-only --quiet .
	@$(python) -m ruff format .

bench: bench-environment ## measure the service and its peers (ARGS=... goes to the benchmarks)
	@$(python) scripts/peers.py
	@$(python) -m benchmarks $(ARGS)


# --- what is generated ----------------------------------------------------------------

spec: runtime-environment ## write openapi.yaml from the code
	@$(python) -m service.contract.openapi > $(VENV)/openapi.yaml
	@mv $(VENV)/openapi.yaml openapi.yaml

spec-check: runtime-environment ## fail when openapi.yaml is not what the code says
	@$(python) -m service.contract.openapi > $(VENV)/openapi.yaml
	@diff -u openapi.yaml $(VENV)/openapi.yaml \
	    || { echo "openapi.yaml is stale: run 'make spec' and commit it." >&2; exit 1; }

lock: ## resolve requirements/*.txt from pyproject.toml (ARGS=--upgrade moves every pin)
	@sh scripts/lock $(VENV)-lock $(PYTHON) -- $(ARGS)


# --- containers -----------------------------------------------------------------------

image: ## build the image (IMAGE=name:tag)
	@deploy/build-image $(IMAGE)

containers: ## build and run the image and the compose file for real, and stop them again
	@deploy/prove-containers


clean: ## remove environments and everything tools leave behind
	rm -rf $(VENV) $(VENV).lock $(VENV)-lock .coverage .coverage.* coverage.xml htmlcov \
	    .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis build dist
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
