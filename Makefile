# PHM. `make run` starts the appliance with a demo household, `make test` runs every check.
# The scripts stand in .ci; what they build and download lies in $XDG_CACHE_HOME/phm (or ~/.cache/phm).

.PHONY: help setup assets run test test-long bench fmt openapi clean-demo
.DEFAULT_GOAL := help

help: ## Lists the commands.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

setup: ## Installs what is missing: Debian packages, npm packages, a Python venv. Says what it installs.
	@.ci/setup

assets: ## Builds the web app's styles and scripts.
	@.ci/setup build
	@.ci/assets

run: assets ## Starts the appliance with the demo household on http://localhost:8080 (ARGS="--listen …").
	@.ci/serve-demo $(ARGS)

test: setup ## Runs every check and ends with the line "N passed, N failed".
	@.ci/test

test-long: ## Runs the checks with full crash and damage cycles, breaks promises and fuzzes parsers, probes the API.
	@.ci/setup long
	@.ci/test long

bench: setup ## Prints the figures beside their targets and peers, measured in one run.
	@.ci/bench $(ARGS)

openapi: assets ## Rewrites the committed OpenAPI document from the program.
	@. .ci/lib.sh && cargo build --locked -p phm-appliance --bin phm && "$$CARGO_TARGET_DIR/debug/phm" openapi >phm-appliance/openapi.json

fmt: ## Formats the sources.
	@cargo fmt --all

clean-demo: ## Forgets the demo household with its key and sign-in.
	@rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/phm/demo"
