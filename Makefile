# Set-up, demo and tests on a fresh machine: Python 3.11, git, make, and the package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
OUT ?= demo-out
# One test process per core.
PYTEST_WORKERS ?= auto

# The browser that the tests of pages find, empty without one.
CHROMIUM = $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))

.PHONY: demo test lint types layers unit docs format clean

# make demo: makes pictures with planted copies and finds them.  make demo INPUT=folder: yours.
ifdef INPUT
demo: $(INSTALLED)
	$(BIN)/fastdup run "$(INPUT)" --work-dir "$(OUT)/results"
else
demo: $(INSTALLED)
	$(BIN)/python demo/make_pictures.py "$(OUT)/pictures"
	$(BIN)/fastdup run "$(OUT)/pictures" --work-dir "$(OUT)/results"
	$(BIN)/python demo/compare.py "$(OUT)/pictures" "$(OUT)/results"
endif
	@echo "duplicates, side by side: $$($(BIN)/fastdup gallery "$(OUT)/results" --num-images 50)"
	@echo "the odd ones out:         $$($(BIN)/fastdup gallery "$(OUT)/results" --kind outliers)"

test: lint types layers unit
	@$(if $(CHROMIUM),:,echo "SKIPPED, for want of a browser: the tests of pages; apt-get install chromium")

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

layers: $(INSTALLED)
	$(BIN)/lint-imports

unit: $(INSTALLED)
	$(BIN)/pytest -n $(PYTEST_WORKERS)

# make docs: the documentation as a web site in docs/_build.
docs: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --group docs
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build
	@echo "documentation: docs/_build/index.html"

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(INSTALLED): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

clean:
	rm -rf $(VENV) $(OUT) dist build docs/_build
