# Two commands matter: `make run` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
# Built things live outside the checkout, so that a fresh clone builds quickly.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/sanggan/target
DATA ?= $(HOME)/.local/share/sanggan/demo
HTTP ?= 127.0.0.1:8080
BIN := $(CARGO_TARGET_DIR)/debug/sanggan

.PHONY: help run test bench install web rust unit e2e tidy lint gen deny fuzz clean-demo

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install web rust ## install what is missing, build, start the demo city (first build about 10 min on 2 cores)
	@exec $(BIN) demo --data "$(DATA)" --http "$(HTTP)"

test: ## everything: tidy, web unit tests, Rust tests, real clients, a real browser (about 25 min cold, 15 min warm on 2 cores)
	@scripts/test.sh

bench: ## the benchmarks of docs/reference/benchmarks.md (release build first: about 30 min on 2 cores)
	@scripts/bench.sh

install: ## system packages that are missing
	@scripts/install.sh

web: ## the web app into web/dist
	@scripts/web.sh

rust: ## the binary, quick profile
	cargo build --workspace --locked

unit: ## Rust and web unit tests only
	@scripts/test.sh web rust

e2e: ## the browser tests only
	@scripts/test.sh e2e

tidy: ## the rules of the house
	cargo xtask tidy

lint: ## formatting, clippy and documentation without warnings
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

gen: rust ## write the OpenAPI document and the generated reference pages
	cargo xtask gen

deny: ## licences, bans and sources of all dependencies (needs cargo-deny)
	cargo deny check licenses bans sources

fuzz: ## fuzz the HJ 212 decoder for 10 minutes (needs cargo-fuzz and a nightly toolchain)
	@scripts/fuzz.sh

clean-demo: ## forget the demo city's data
	rm -rf "$(DATA)"
