# Set-up, demo and tests on a fresh machine: Python 3.11, git, make, and the package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Of what the tests need, the demo needs a tenth: a run, and what its pictures are made with.
FOR_DEMO := $(VENV)/.installed-for-demo
FOR_RUN := $(VENV)/.installed-for-run
OUT ?= demo-out
# One test process per core; the tests of a file run in one of them, slow files first.
PYTEST_WORKERS ?= auto
PYTEST := $(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder
# Without it each of the many processes that tests start would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

# The browser that the tests of pages find, empty without one.
CHROMIUM = $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))

.PHONY: demo quick test lint types layers unit coverage docs format clean bench cli-reference wheel deb sbom \
	audit release clean-dist

# make demo: makes pictures with planted copies and finds them.  make demo INPUT=folder: yours.
ifdef INPUT
demo: $(FOR_RUN)
	$(BIN)/fastdup run "$(INPUT)" --work-dir "$(OUT)/results"
else
demo: $(FOR_DEMO)
	$(BIN)/python demo/make_pictures.py "$(OUT)/pictures"
	$(BIN)/fastdup run "$(OUT)/pictures" --work-dir "$(OUT)/results"
	$(BIN)/python demo/compare.py "$(OUT)/pictures" "$(OUT)/results"
endif
	@echo "duplicates, side by side: $$($(BIN)/fastdup gallery "$(OUT)/results" --num-images 50)"
	@echo "the odd ones out:         $$($(BIN)/fastdup gallery "$(OUT)/results" --kind outliers)"

# make quick: what to run after each change; make test: before a commit, and in CI.
quick: lint layers
	$(BIN)/mypy
	$(PYTEST) --quick -q

test: lint types layers unit
	@$(if $(CHROMIUM),:,echo "SKIPPED, for want of a browser: the tests of pages; apt-get install chromium")

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Checked for Windows too, where calls that only Unix has are errors of types; each takes one core.
types: $(INSTALLED)
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 & other=$$!; \
	$(BIN)/mypy; code=$$?; wait $$other && exit $$code

layers: $(INSTALLED)
	$(BIN)/lint-imports

unit: $(INSTALLED)
	$(PYTEST)

# make coverage: the same tests and the branches that they take, in nearly twice the time.
coverage: $(INSTALLED)
	$(PYTEST) --cov --cov-report=term:skip-covered

# make docs: the documentation as a web site in docs/_build.
docs: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --group docs
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build
	@echo "documentation: docs/_build/index.html"

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# make bench PHOTOS=folder: speed of a whole run; benchmarks/README.md tells of the others.
bench: $(INSTALLED)
	$(BIN)/python benchmarks/throughput.py "$(PHOTOS)" --out build/throughput.json

# docs/cli.md, from the command line itself.
cli-reference: $(INSTALLED)
	PYTHONPATH=src:packaging $(BIN)/python -m cli_pages --markdown > docs/cli.md

# What is released goes to dist/; packaging/README.md tells how each is made and proved.
wheel: $(INSTALLED)
	$(BIN)/python -m build --outdir dist .

deb:
	packaging/deb/build.sh dist

sbom:
	packaging/sbom.sh dist

audit:
	packaging/audit.sh

release: clean-dist lint types layers coverage wheel deb sbom
	cd dist && sha256sum * > SHA256SUMS
	@cat dist/SHA256SUMS

clean-dist:
	rm -rf dist build

$(INSTALLED): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@ $(FOR_DEMO) $(FOR_RUN)

$(FOR_DEMO): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group demo
	touch $@ $(FOR_RUN)

$(FOR_RUN): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

clean:
	rm -rf $(VENV) $(OUT) dist build docs/_build .coverage
