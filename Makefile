# Every target makes what it needs; a fresh clone needs Python 3.11 or later, and an index that pip reaches.

PYTHON ?= python3
DRAWN := upsun-lint examples/bare-relationships
BIN := .venv/bin
# A process for each core, and one for VS Code, which mostly waits. The tests of a file share one, and files keep their
# order: those that take longest, of CI and of editors, come first.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo binary compiled test test-compiled test-rules test-editors test-site vsix lint bench docs picture site serve lock clean

# What the linter says about the projects in examples/. It finds errors, as it should: its exit status is 1.
demo: .demo/.installed
	@echo "Checking the projects in examples/:"
	@.demo/bin/upsun-lint check examples || test $$? -eq 1

test: .venv/.installed
	$(BIN)/pytest $(PARALLEL)

# A wheel for this system and this Python whose hot modules are compiled, in dist/compiled. It needs a C compiler, and
# takes two minutes.
compiled:
	rm -rf dist/compiled
	UPSUN_LINT_COMPILED=1 $(PYTHON) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist/compiled .

# The same tests on the compiled modules, in an environment of their own.
test-compiled: compiled
	$(PYTHON) -m venv --clear .compiled
	.compiled/bin/python -m pip install --quiet --disable-pip-version-check "$$(echo dist/compiled/*.whl)[dev]"
	.compiled/bin/pytest $(PARALLEL) tests/schema tests/rules tests/server tests/lsp

# Only the rules, their examples, their reference, their place and their words: a minute.
test-rules: .venv/.installed
	$(BIN)/pytest -q $(PARALLEL) tests/rules tests/test_docs.py tests/test_house.py tests/test_words.py

# Only the editors: real VS Code, Neovim, Emacs, Vim and Kate. What cannot be installed is skipped, and named.
test-editors: .venv/.installed
	$(BIN)/pytest $(PARALLEL) tests/editors

# Only the site and its playground, in a real browser. Without npm or Chromium some are skipped, and named.
test-site: .venv/.installed
	$(BIN)/pytest tests/site

# The VS Code extension for this system, as upsun-lint.vsix; it needs npm. The tests of VS Code build it in the same way.
vsix: .venv/.installed
	$(BIN)/python tests/editors/run_vscode --vsix upsun-lint.vsix

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Whole processes beside their peers, as ratios; see tests/benchmarks/README.md.
bench: .venv/.installed
	$(BIN)/python tests/benchmarks/check.py
	$(BIN)/python tests/benchmarks/server.py
	$(BIN)/python tests/benchmarks/fleet.py

# The rule reference, from the rules themselves.
docs: .venv/.installed
	$(BIN)/python docs/generate.py

# The picture in the README, from what is printed.
picture: .venv/.installed
	$(BIN)/python docs/picture.py docs/images/check.svg "$(DRAWN)" $(BIN)/$(DRAWN)

# The guide, the rule reference and the playground as a static site, in site/; the playground needs npm.
site: .venv/.installed
	$(BIN)/python docs/site/build.py

# The site at http://127.0.0.1:8000, as any web server would show it.
serve: site
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory site 8000

# The exact versions that the action, the GitLab job and the image install, with hashes, for every system and Python.
lock: .venv/.installed
	$(BIN)/python ci/lock.py

# A program that needs no Python, for this system, and an archive of it in dist/. The VSIX and npm have the same one.
binary:
	$(PYTHON) editors/vscode/freeze.py dist/upsun-lint
	tar -C dist -czf dist/upsun-lint.tar.gz upsun-lint

.demo/.installed: pyproject.toml
	@echo "Installing upsun-lint and what it needs to run into .demo (about 15 seconds) …"
	@$(PYTHON) -m venv .demo
	@.demo/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,site]'
	@touch $@

clean:
	rm -rf .venv .demo .compiled build dist site
