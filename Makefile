# Two commands do everything: `make run` and `make test`. `make bench` measures; PARTS="search pages" measures these alone.

DATA_DIR ?= footbridge-data
BIND ?= 127.0.0.1:8080

.PHONY: run test bench assets lint setup-test browser-test

run: assets
	cargo build --release --locked
	DATA_DIR=$(DATA_DIR) BIND=$(BIND) ./target/release/footbridge serve --demo

assets: assets/dist/manifest.json

FRONT := $(shell find assets/scss assets/js assets/pictures templates search-config/vocabulary src/web src/search/pages.rs src/venues/pages.rs src/matching/pages -type f 2>/dev/null)

assets/dist/manifest.json: assets/node_modules/.package-lock.json assets/build.mjs $(FRONT)
	cd assets && node build.mjs

assets/node_modules/.package-lock.json: assets/package.json assets/package-lock.json
	cd assets && npm ci --no-audit --no-fund

lint: assets
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny --all-features check; else echo "skipped: cargo-deny is not installed"; fi

test: setup-test assets
	cargo build --locked
	cargo test --locked
	sh tests/browser/run.sh

bench: assets
	cargo bench --locked --bench bench -- $(PARTS)

setup-test:
	sh tests/setup.sh

browser-test: assets
	cargo build --locked
	sh tests/browser/run.sh
