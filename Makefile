# One command a chore. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check faults fuzz bench screenshots lock format client
export PYTHON
BIN := .venv/bin
ARGS ?=

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv from the lock file (all others call this)
	@scripts/setup
	@scripts/translations

demo: setup ## the whole way of a patient's disc on this machine; ARGS="--once" and others pass through
	@scripts/ohif
	@$(BIN)/passbox demo --ohif .ohif $(ARGS)

test: setup ## all tests; installs Orthanc, dcmtk, Chromium when root. ARGS="tests/wire -k seal" for some
	@scripts/debian-packages
	@scripts/npm-parts
	@scripts/ohif
	@$(BIN)/pytest $(ARGS)

check: setup ## format, lint, types, borders between programs, dead code
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vulture

faults: setup ## kill, cut and fill everything on the way; slow
	@scripts/debian-packages
	@$(BIN)/pytest -m faults $(ARGS)

soak: setup ## load a receiver with honest and hostile senders; ARGS="--minutes 600 --honest 100"
	@$(BIN)/python -m tests.faults.soak $(ARGS)

fuzz: setup ## break headers and tables of contents in 100,000 ways; ARGS="--inputs 1000000 --seed 7"
	@$(BIN)/python -m tests.dicom.fuzz $(ARGS)

bench: setup ## measure; prints numbers, judges none
	@$(BIN)/pytest -m "" -s $(ARGS) tests/bench

client: setup ## the sender's program for this platform, in dist/client; ARGS="--profile FILE --name NAME"
	@scripts/debian-packages window
	@$(BIN)/python packaging/build_client.py $(ARGS)

screenshots: setup ## every state of the window in both languages, into docs/screenshots
	@scripts/debian-packages
	@QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1400x1000x24" \
	  $(BIN)/python -m tests.window.screenshots $(ARGS) docs/screenshots

format: setup ## let ruff format and fix what it safely can
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

lock: setup ## write requirements.lock anew from pyproject.toml; ARGS=--upgrade takes newer versions
	@$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  $(ARGS) --output-file requirements.lock
