# Two commands do everything: `make run` and `make test`.

DATA_DIR ?= footbridge-data
BIND ?= 127.0.0.1:8080

.PHONY: run test assets lint setup-test browser-test bench clean-data

run: assets
	cargo build --release --locked
	DATA_DIR=$(DATA_DIR) BIND=$(BIND) ./target/release/footbridge serve --demo

assets: assets/dist/manifest.json

assets/dist/manifest.json: assets/package-lock.json assets/build.mjs $(shell find assets/scss assets/js -type f 2>/dev/null)
	cd assets && npm ci --no-audit --no-fund && node build.mjs

lint: assets
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings

test: setup-test assets
	cargo build --locked
	cargo test --locked
	sh tests/browser/run.sh

setup-test:
	sh tests/setup.sh

browser-test: assets
	cargo build --locked
	sh tests/browser/run.sh
