# `make check` is what has to pass before a change lands; `make fast` takes under a minute.
PYTHON ?= .venv/bin/python
BIN = $(dir $(PYTHON))

.PHONY: check fast slow style

check:
	.ci/run

fast: style
	$(PYTHON) -m pytest -n 2 tests/model tests/raster tests/run tests/data/test_roles.py tests/link/cells tests/link/flow tests/test_docs.py tests/test_private_parts.py tests/ui/test_panes.py tests/ui/test_actions.py

slow:
	$(PYTHON) -m pytest -n 0 -m slow

style:
	$(BIN)ruff check .
	$(BIN)ruff format --check .
	$(BIN)mypy
	$(BIN)lint-imports
