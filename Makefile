# Every target sets up what it needs first, once. `make help` lists them; CONTRIBUTING.md says more.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup sandbox browser system demo test pytest lab notebooks release bench check lint bundle clean

# The first Python that is new enough; `make setup PYTHON=/path/to/python` chooses another.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
BIN := .venv/bin
# Touched when the packages are in; a changed list of packages makes it out of date.
INSTALLED := .venv/.installed
# A worker more than cores, since tests wait now and then: for a kernel, a browser, a limit. A test file stays
# with one worker; files in order, or the slow ones come last. `make test PYTEST_OPTIONS=-n0` uses one process.
PYTEST_OPTIONS ?= -n $$((1 + $$(nproc))) --dist loadfile --no-loadscope-reorder

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(INSTALLED) sandbox browser ## Set up everything (the other targets do this by themselves)

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: sudo apt install python3 python3-venv," \
		"or name one with make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m autograder.system_packages venv
	@echo "Installing the Python packages into .venv, once; this takes a few minutes …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[grading,dev]'
	@touch $@

# These need the standard library only, so they can run while the Python packages are still on their way.
sandbox:
	@$(PYTHON) -m autograder.system_packages bubblewrap libseccomp

browser:
	@$(PYTHON) -m autograder.system_packages chromium

system:
	@$(PYTHON) -m autograder.system_packages bubblewrap libseccomp chromium postgresql

demo: $(INSTALLED) sandbox ## Grade the sample class, print the table, write feedback and the class report
	@$(BIN)/autograder demo

# Two things at a time: packages for Python beside those of the system, types beside tests.
test: ## Run every check and every test
	@$(MAKE) -f $(firstword $(MAKEFILE_LIST)) --no-print-directory --jobs=2 $(INSTALLED) system
	@$(MAKE) -f $(firstword $(MAKEFILE_LIST)) --no-print-directory --jobs=2 lint pytest

pytest:
	$(BIN)/pytest $(PYTEST_OPTIONS)

lab: $(INSTALLED) ## Open JupyterLab on the course
	@$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/course \
		$(if $(filter 0,$(shell id -u)),--allow-root)

notebooks: $(INSTALLED) ## Build the notebooks from their text twins
	@$(BIN)/autograder notebooks

release: notebooks ## Build the student versions of the assignments
	@$(BIN)/autograder release

bench: $(INSTALLED) sandbox browser ## Compare this grader with stock nbgrader, the demos with plain redraws
	@$(BIN)/autograder bench

check: lint ## Run the quick checks: style, types, notebooks in step with their text, no leaks
	$(BIN)/pytest -q tests/test_notebooks_sync.py tests/project/test_leaks.py

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bundle: $(INSTALLED) ## Write the zip for students
	@$(BIN)/autograder bundle

clean: ## Remove what was built; submissions, grades and .venv stay
	rm -rf build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# The whole in a minimal Debian: make bare-machine DIST=trixie LIKE=machine ONLY=demo. As root, not part of make test.
DIST ?= bookworm
LIKE ?= container
bare-machine: $(INSTALLED) ## Run the container image's steps, make demo and make test in a Debian made for it
	@$(BIN)/python -m tests.machines.bare_machine --dist $(DIST) --like $(LIKE) $(addprefix --only ,$(ONLY))
