# make run: set up this machine, then run an experiment end to end.  make test: set up, then the whole test suite.
# make quick: two minutes of tests while you work.
# make run EXPERIMENT=config/experiments/NAME.yaml runs another experiment; CORES=N sets the number of cores.
EXPERIMENT ?= config/config.yaml
CORES ?= all
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(shell command -v $(p) 2>/dev/null)))
BIN := .venv/bin

.PHONY: run test quick bench going-on verify docs lint clean help

help:
	@sed -n '1,2s/^# //p' Makefile

run: .venv/.installed
	$(BIN)/python scripts/run_experiment.py --config $(EXPERIMENT) --cores $(CORES)

quick: .venv/.installed
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow" tests/unit tests/contract

# Three workers for two cores: one of them spends minutes waiting for Slurm.
test: .venv/.installed .venv-bench/.installed lint
	$(BIN)/python -m pytest -n 3 --dist loadgroup

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow benchmarks
	$(BIN)/snakemake --lint

bench: .venv/.installed .venv-bench/.installed
	$(BIN)/snakemake --cores 2 --snakefile benchmarks/Snakefile

going-on: .venv/.installed .venv-bench/.installed
	$(BIN)/snakemake --cores 2 --snakefile benchmarks/Snakefile going_on

docs: .venv/.installed
	$(BIN)/mkdocs build --strict

verify: .venv/.installed
	$(BIN)/python scripts/verify.py --config $(EXPERIMENT) --cores $(CORES)

# Set-up. A missing tool is named, with the command that installs it, before anything else starts.
.PHONY: tools
tools:
	@command -v $(firstword $(CXX)) >/dev/null || { echo "error: no C++ compiler ($(firstword $(CXX))), which NEURON's mechanisms need: sudo apt-get install g++ make" >&2; exit 1; }
	@[ -n "$(PYTHON)" ] && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: no Python 3.11 or newer: sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "error: Python cannot make environments: sudo apt-get install python3-venv" >&2; exit 1; }

.venv/.installed: envs/requirements.lock pyproject.toml | tools
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv-bench/.installed: envs/bench.lock | tools
	[ -x .venv-bench/bin/python ] || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/bench.lock
	touch $@

clean:
	rm -rf .venv .venv-bench .snakemake .pytest_cache .ruff_cache .hypothesis
