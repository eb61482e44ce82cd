# Two commands do everything from a fresh clone: `make run` and `make test`.
SHELL := /bin/bash
UV := .tools/uv/bin/uv
PORT ?= 8000
export RASA_TELEMETRY_ENABLED := false
export UV_PYTHON_DOWNLOADS := never
export PYTHONUNBUFFERED := 1

.PHONY: run test setup train check texts lock bench evaluate pictures browser clean

run: setup train           ## serve on http://127.0.0.1:8000 (PORT=…)
	@exec .venv/bin/lotse serve --port $(PORT)

test: setup browser train check  ## install what tests need, then run all checks and tests
	.venv/bin/pytest

setup: .venv/installed .venv-engine/installed

train: setup               ## train if an input changed
	@.venv/bin/lotse train

check: setup               ## lint, types, data, texts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lotse check --errors

texts: setup               ## bring locales/ up to date with the German sources
	.venv/bin/lotse texts

bench: setup train         ## measure a turn; see docs/measurements.md
	.venv/bin/python -m tests.bench.turns

evaluate: setup train      ## understanding per language and style; compares with the last recorded figures
	.venv/bin/python -m tests.understanding.evaluate

pictures: setup browser train  ## new screenshots in docs/pictures
	.venv/bin/python -m tests.e2e.pictures

browser:                   ## Chromium for the end-to-end tests
	@deploy/install-browser

$(UV):
	@command -v python3 >/dev/null || { echo "python3 is missing: apt-get install python3 python3-venv"; exit 1; }
	@python3 -m venv .tools/uv || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@.tools/uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/installed: requirements/dev.txt pyproject.toml | $(UV)
	@echo "installing the application's environment (CPython 3.12) ..."
	@$(UV) venv --quiet --clear --python 3.12 .venv || { echo "CPython 3.12 is missing: install it (for example with pyenv install 3.12)."; exit 1; }
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements/dev.txt
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation -e .
	@touch $@

.venv-engine/installed: engine/requirements.txt | $(UV)
	@echo "installing the engine's environment (CPython 3.10, Rasa) ..."
	@$(UV) venv --quiet --clear --python 3.10 .venv-engine || { echo "CPython 3.10 is missing: install it (for example with pyenv install 3.10)."; exit 1; }
	@$(UV) pip install --quiet --python .venv-engine --require-hashes -r engine/requirements.txt
	@touch $@

lock:                      ## renew the lock files (hashes, no index addresses)
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --python 3.12 requirements/app.in -o requirements/app.txt
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --python 3.12 requirements/dev.in -o requirements/dev.txt
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --python 3.10 engine/requirements.in -o engine/requirements.txt

clean:                     ## remove everything that was made, but no data (var/)
	rm -rf .venv .venv-engine .tools models build *.egg-info
