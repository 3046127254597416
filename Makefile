# Everything runs in .venv, with the versions of constraints.txt.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Subpackages of the generated models; each is named after its style, or the plural of that.
STYLES := pydantic msgspec typeddicts

.PHONY: help demo test bench bench-store lint models format constraints clean

help:
	@echo "make demo         check the example results"
	@echo "make test         run the tests"
	@echo "make bench        measure validation and conversion, and write docs/performance.md, in half an hour"
	@echo "make bench-store  measure what a store of 101,000 files takes, and write it into docs/sizing.md"
	@echo "make lint         run the linters, the type checker and the checks of generated files"
	@echo "make models       generate the typed models again"
	@echo "make format       format the code"
	@echo "make constraints  pin the newest versions in constraints.txt"
	@echo "make clean        remove the virtual environment and what tools leave behind"

# What using the package needs.
.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11"; exit 1; }
	@echo "Setting up .venv ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) install --constraint constraints.txt pip
	@$(PIP) install --constraint constraints.txt editables hatchling
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

# What working on it needs, too.
.venv/.installed-dev: .venv/.installed
	@echo "Installing test tools and linters ..."
	@$(PIP) install --constraint constraints.txt --group dev
	@touch $@

demo: .venv/.installed
	@echo '$$ qartifacts check --verbose --max-findings 2 examples/results'
	@$(BIN)/qartifacts check --verbose --max-findings 2 examples/results; test $$? -eq 1
	@echo
	@echo "That is as it should be: everything in good/ passed, everything in bad/ failed, each with its reasons."
	@echo "The exit status was 1, because there are findings that fail."
	@echo
	@echo "Try next:"
	@echo "  $(BIN)/qartifacts rule QA201                  what a code means, and how to fix it"
	@echo "  $(BIN)/qartifacts check your-result.json      a result of your own"
	@echo "  $(BIN)/qartifacts formats                     the formats, and where their schemas come from"

# Tests start processes by the hundred, which should not compile the package each.
unexport PYTHONDONTWRITEBYTECODE

# COVERAGE=1, as CI has it, also tells which lines and branches no test reaches; it takes longer.
# THOROUGH=1 makes long proofs as long as they can be: more mutants, examples, findings, processes.
test: .venv/.installed-dev
	$(BIN)/python -m pytest -q -n auto --dist worksteal --no-skips \
		$(if $(COVERAGE),--cov --cov-fail-under=99)

bench: .venv/.installed-dev
	$(BIN)/python scripts/bench.py --markdown docs/performance.md

bench-store: .venv/.installed-dev
	$(BIN)/python scripts/bench.py store --markdown docs/sizing.md

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/pin_openapi.py --check
	$(BIN)/python scripts/lock_schemas.py --check
	$(BIN)/python scripts/generate_docs.py --check
	$(BIN)/python scripts/generate_hooks.py --check
	for style in $(STYLES); do $(BIN)/qartifacts codegen --check --style $${style%s} \
		--registry schemas/qartifacts_schemas --out generated/qartifacts_models/$$style || exit 1; done
	$(BIN)/qartifacts codegen --check --style markdown --registry schemas/qartifacts_schemas --out docs/formats

# Typed models of the bundled formats, and their reference, generated again.
models: .venv/.installed-dev
	for style in $(STYLES); do $(BIN)/qartifacts codegen --style $${style%s} \
		--registry schemas/qartifacts_schemas --out generated/qartifacts_models/$$style || exit 1; done
	$(BIN)/qartifacts codegen --style markdown --registry schemas/qartifacts_schemas --out docs/formats

format: .venv/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A new environment with the newest versions of everything, and what came of it.
constraints:
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip --quiet install --upgrade pip hatchling editables
	.venv-newest/bin/python -m pip --quiet install --no-build-isolation --editable . --group dev
	.venv-newest/bin/python -m pip freeze --all --exclude-editable --exclude setuptools > constraints.txt
	rm -r .venv-newest

clean:
	rm -rf .venv .coverage htmlcov dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
