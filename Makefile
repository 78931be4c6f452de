# Every target sets up what it needs first, once. `make help` lists them; CONTRIBUTING.md says more.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup packages grading development browser everything documentation demo demo-live soak test test-all pytest lab author notebooks release bench check \
	lint style constraints bundle clean bare-machine docs

# The first Python that is new enough; `make setup PYTHON=/path/to/python` chooses another.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
else
THIS_PYTHON := --this-python
endif
BIN := .venv/bin
# Looks each time, and is done at once where everything is there. pip does the installing: it knows what people have
# set for it (mirrors, proxies, certificates, wheels of their own), which uv does not read.
SET_UP = $(if $(PYTHON),"$(PYTHON)" -m autograder.machine.set_up $(THIS_PYTHON),\
	echo "Python 3.11 or newer is needed, and there is none here. Install one, or name it:" \
	"make setup PYTHON=/path/to/python" >&2; exit 1;)
# A worker more than cores, since tests wait now and then: for a kernel, a browser, a limit. A test file or class stays
# with one worker; files in order, or the slow ones come last. `make test PYTEST_OPTIONS=-n0` uses one process.
PYTEST_OPTIONS ?= -n $$((1 + $$(nproc))) --dist loadscope --no-loadscope-reorder

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' "$(strip $(MAKEFILE_LIST))" | expand -t 14

setup: ## Set up everything (the other targets set up what they need by themselves)
	@$(SET_UP) --extras grading dev --needs libseccomp --wants bubblewrap chromium libatomic

# What other targets need.
packages:
	@$(SET_UP) --extras grading

grading:
	@$(SET_UP) --extras grading --needs libseccomp --wants bubblewrap

development:
	@$(SET_UP) --extras grading dev

browser:
	@$(SET_UP) --extras grading dev --needs libseccomp chromium libatomic --wants bubblewrap

everything:
	@$(SET_UP) --extras grading dev --needs libseccomp chromium libatomic postgresql --wants bubblewrap

demo: grading ## Grade the sample class, print the table, write feedback and the class report
	@$(BIN)/autograder demo

demo-live: grading ## Watch an exchange while a class submits, mends by its feedback and submits again
	@$(BIN)/autograder demo --live

soak: grading ## Watch an exchange while 200 students submit 2,000 times; nothing may be left, nothing missing
	@$(BIN)/python -m tests.flows.soak $(OPTIONS)

# Types beside tests.
test: everything ## Run every check and every test but the thorough ones
	@$(MAKE) -f "$(strip $(MAKEFILE_LIST))" --no-print-directory --jobs=2 style pytest CHOICE='-m "not thorough"'

test-all: everything documentation ## Run every check and every test, the thorough ones too, as CI does
	@$(MAKE) -f "$(strip $(MAKEFILE_LIST))" --no-print-directory --jobs=2 style pytest

pytest:
	$(BIN)/pytest $(CHOICE) $(PYTEST_OPTIONS)

# `make lab OPTIONS="--no-browser --port=9000"`: what JupyterLab is to know.
lab: packages ## Open the course in JupyterLab as a student does, in a working copy (my_course)
	@$(BIN)/python -m course.lab $(OPTIONS)

author: packages ## Open the whole course in JupyterLab: text twins, Create Assignment, Formgrader
	@JUPYTER_CONFIG_PATH="$(CURDIR)/course/lab/jupyter/everyone$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" \
		$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/README.md \
		$(if $(filter 0,$(shell id -u)),--allow-root) $(OPTIONS)

notebooks: packages ## Build the notebooks from their text twins
	@$(BIN)/autograder notebooks

release: notebooks ## Build the student versions of the assignments
	@$(BIN)/autograder release

bench: browser ## Compare this grader with stock nbgrader, the demos with plain redraws
	@$(BIN)/python -m benchmarks

# Beside the course's environment: Otter-Grader wants other versions of Jupyter's packages.
.PHONY: otter
otter: packages ## Make the environment in which the benchmark measures Otter-Grader, in build/otter
	@$(BIN)/python -m venv build/otter
	@build/otter/bin/python -m pip install --quiet otter-grader ipykernel numpy

.PHONY: pages
pages: everything ## Make the pages in docs/measured and the pictures anew (PAGE=attacks: this one alone)
	@$(BIN)/python -m benchmarks.pages $(PAGE)

check: lint ## Run the quick checks: style, types, notebooks in step with their text, no leaks
	$(BIN)/pytest -q tests/autograder/publish/test_notebooks.py tests/autograder/publish/test_leaks.py

lint: development style

style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/deptry --no-ansi autograder course
	$(BIN)/deptry --no-ansi --ignore DEP004 .

# On the command line: what pyproject.toml says of uv holds for set-up too, which is for one Python and some extras.
CONSTRAINTS ?= constraints.txt
constraints: development ## Bring constraints.txt up to date with pyproject.toml (UPGRADE=1 takes the newest versions)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11.0 --all-extras --fork-strategy fewest \
		--prerelease disallow --no-annotate --custom-compile-command "make constraints" \
		$(if $(UPGRADE),--upgrade) --output-file "$(CONSTRAINTS)" pyproject.toml

documentation:
	@$(SET_UP) --extras grading docs

# From the pages as they stand; a warning, a link that leads nowhere among them, is an error.
docs: documentation ## Build the documentation as a site in build/docs, which needs no network
	@$(BIN)/sphinx-build --quiet --fresh-env --nitpicky --fail-on-warning --keep-going -c docs/site -d build/doctrees . build/docs
	@echo "Open build/docs/index.html."

bundle: packages ## Write the zip for students
	@$(BIN)/autograder bundle

clean: ## Remove what was built; submissions, grades and .venv stay
	rm -rf build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# The whole in a minimal Debian: make bare-machine DIST=trixie LIKE=machine ONLY=demo. As root, not part of make test.
# It stops before a torch with gigabytes of CUDA, which is what PyPI has; TORCH=any takes it.
DIST ?= bookworm
LIKE ?= container
bare-machine: development ## Run the container image's steps, make demo and make test in a Debian made for it
	@$(BIN)/python -m tests.machines.bare_machine --dist $(DIST) --like $(LIKE) $(addprefix --only ,$(ONLY)) \
		$(if $(filter any,$(TORCH)),--any-torch)
