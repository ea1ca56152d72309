# Everything runs inside .venv/ in this folder; nothing has to be installed by hand but Python 3.11 or newer and make.
# On Windows, or without make: the README lists the same as plain commands.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(name))))
BIN := .venv/bin
UV := $(BIN)/uv
PYTEST_WORKERS ?= 2
SOAK_ROUNDS ?= 20
STORES ?= 200
PYTHONS ?= 3.11 3.12 3.13 3.14
LOCK := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.PHONY: help demo test test-fast matrix programs pythons lint format screenshots bench soak at-scale docs sbom audit leaves-nothing lock clean install browser

help: ## List what can be made.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | while read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

demo: install browser ## Retrieve, store, verify and use a connection to a simulated store.
	@$(BIN)/companion demo

test: install browser ## Run every test.
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal

test-fast: install ## Run the tests that need no browser.
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal -m "not browser"

matrix: install browser ## Retrieve from every form of the control panel, not a sample of them; says how many held.
	@COMPANION_TEST_ALL=1 $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal -m browser --durations=10 --durations-min=1 tests/browser
	@COMPANION_TEST_ALL=1 $(BIN)/python -m pytest -q -n $(PYTEST_WORKERS) tests/unit/automation/test_random_panels.py

programs: install ## Run BigCommerce's own command line tools and clients against the simulated store; needs npm.
	@$(BIN)/python -m pytest -o python_files='program_*.py test_*.py' tests/unrelated_programs

lint: install ## Check style, and types as each system has them.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@for platform in linux darwin win32; do $(BIN)/mypy --platform $$platform --cache-dir .mypy_cache/$$platform || exit 1; done

format: install ## Put the code into shape.
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

leaves-nothing: install browser ## Run what proves that nothing stays behind: uninstall, killed runs, leftovers.
	@COMPANION_TEST_ALL=1 $(BIN)/python -m pytest -n $(PYTEST_WORKERS) \
		tests/program/test_cli_uninstall.py tests/program/test_leftovers.py tests/browser/test_killed_runs.py

screenshots: install browser ## Take a picture of every state of the web page, into screenshots/.
	@$(BIN)/python tests/support/page_states.py screenshots

bench: install browser .venv/bench ## Measure against bare programs and OpenBao, side by side in one run.
	@$(BIN)/python -m pytest -s -o python_files='bench_*.py' tests/benchmarks

at-scale: install browser ## Two services, three workers, 200 stores (STORES): one of each killed half-way.
	@COMPANION_TEST_ALL=1 COMPANION_TEST_STORES=$(STORES) $(BIN)/python -m pytest -s tests/browser/test_many_machines.py

docs: .venv/docs ## Build the site of the documentation into site/; a warning is an error.
	@$(BIN)/python -m sphinx -q -W --keep-going -j auto -d .venv/doctrees docs site

sbom: .venv/release ## List what the program brings along, by version and hash, into dist/sbom.json (CycloneDX).
	@mkdir -p dist
	@$(LOCK) pyproject.toml -c requirements.txt | $(BIN)/python -W ignore -m cyclonedx_py requirements - \
		--pyproject pyproject.toml --output-reproducible -o dist/sbom.json

audit: .venv/audit ## Look for weaknesses: in the code (bandit), and known ones in the pinned versions (pip-audit).
	@$(BIN)/python -m bandit -q -ll -c pyproject.toml -r companion automation fixtures/simulated_store
	@$(BIN)/python .ci/audit_dependencies.py

pythons: install ## Run the tests without a browser on every Python of PYTHONS found here.
	@for version in $(PYTHONS); do \
		found=$$($(UV) python find --system --no-python-downloads $$version 2>/dev/null) \
			|| { echo "Python $$version: not on this machine, left out"; continue; }; \
		echo "Python $$version: $$found"; \
		$(UV) run -q --isolated --no-project --python $$found --with-requirements requirements.txt --with-editable . \
			python -m pytest -q -p no:cacheprovider -m "not browser" || exit 1; \
	done

soak: install browser ## Kill service and rotations at 200 moments each, damage every part; run the demo SOAK_ROUNDS times.
	@COMPANION_TEST_ALL=1 $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal \
		tests/program/test_killed_service.py tests/service/test_rotate_keys.py \
		tests/program/test_damaged_databases.py tests/program/test_two_processes.py
	@for round in $$(seq $(SOAK_ROUNDS)); do \
		echo "round $$round of $(SOAK_ROUNDS)"; $(BIN)/companion demo --json >/dev/null || exit 1; \
	done

lock: .venv/made ## Pin what pyproject.toml asks for, by hash and without any address (UPGRADE=1: the newest).
	@$(LOCK) pyproject.toml --group dev -o requirements.txt
	@$(LOCK) --group pyproject.toml:bench -o requirements-bench.txt
	@$(LOCK) --group pyproject.toml:docs -c requirements.txt -o requirements-docs.txt
	@$(LOCK) --group pyproject.toml:release -c requirements.txt -o requirements-release.txt
	@$(LOCK) --group pyproject.toml:audit -c requirements.txt -c requirements-release.txt -o requirements-audit.txt
	@$(LOCK) --group pyproject.toml:installer -o requirements-uv.txt

clean: ## Remove what the commands above made in this folder.
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist site
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

install: .venv/installed

browser: install
	@$(BIN)/python -m automation.browser.install

# Compiled here, as pip does and uv does not: where PYTHONDONTWRITEBYTECODE is set, as in many containers, each start of
# a program would compile its libraries anew, which takes longer than all that it does.
.venv/installed: .venv/made requirements.txt pyproject.toml Makefile
	@echo "Installing the versions pinned in requirements.txt into .venv/"
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.txt \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -qq -j 0 -x '/(mypyc?|pip|setuptools)/' .venv/lib companion automation fixtures/simulated_store \
		|| true
	@touch $@

.venv/bench: .venv/installed requirements-bench.txt
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-bench.txt \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

.venv/docs: .venv/installed requirements-docs.txt
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-docs.txt \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-docs.txt
	@touch $@

.venv/release: .venv/installed requirements-release.txt
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-release.txt \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-release.txt
	@touch $@

.venv/audit: .venv/installed requirements-audit.txt
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-audit.txt \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-audit.txt
	@touch $@

# Debian ships Python without the part that `venv` needs to put pip in; root can add it, others are told how.
.venv/made: requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found. Install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv >/dev/null 2>&1 \
		|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing Debian's python3-venv" \
			&& apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null && $(PYTHON) -m venv --clear .venv; } \
		|| { rm -rf .venv; echo "Python cannot make a virtual environment. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@
