# make demo   sets up, writes a sample workbook, formats it from a sentence and shows the result
# make test   sets up and runs every check

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYNCED := $(VENV)/.synced
OUT := demo-out

.PHONY: demo test setup lint clean

setup: $(SYNCED)

$(SYNCED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet "torch==2.13.0" || true
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $(SYNCED)

demo: setup
	mkdir -p $(OUT)
	rm -f $(OUT)/orders.xlsx $(OUT)/orders-formatted.xlsx $(OUT)/orders-formatted.png
	$(BIN)/cellfusion sample $(OUT)/orders.xlsx
	$(BIN)/cellfusion suggest "orders that are not delivered yet in orange" --workbook $(OUT)/orders.xlsx
	$(BIN)/cellfusion apply "orders that are not delivered yet in orange" --workbook $(OUT)/orders.xlsx --output $(OUT)/orders-formatted.xlsx
	$(BIN)/cellfusion preview "orders that are not delivered yet in orange" --workbook $(OUT)/orders.xlsx --output $(OUT)/orders-formatted.png
	@echo "formatted workbook: $(OUT)/orders-formatted.xlsx, picture: $(OUT)/orders-formatted.png"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r grammar model server addin_manifest

test: setup
	sh tests/install_system_packages.sh
	$(MAKE) lint
	$(BIN)/pytest -n 2 --dist loadfile

clean:
	rm -rf $(VENV) $(OUT) .pytest_cache .mypy_cache .ruff_cache .hypothesis
