# From a fresh clone: `make run` shows the core failures, `make test` passes the tests.
# Both set up what is missing first, and nothing when it is all there (ci/setup says how).

# 1.34, 1.35 or 1.36
KUBERNETES ?= 1.36
# how often `make repeat` tries each scenario
N ?= 20

export RELAPSE_KUBERNETES := $(KUBERNETES)

.PHONY: help run repeat test sabotage guards mutants setup lint bench clean distclean base cargo

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo
	@echo '  KUBERNETES=1.34|1.35|1.36 chooses the version (now $(KUBERNETES)); ci/setup lists the other variables.'

run: base ## reproduce and remedy the core failures on real clusters
	cargo build
	target/debug/relapse run --tag core --kubernetes $(KUBERNETES)

repeat: base ## try each of them N times (20), and show how verdicts and times are spread
	cargo build
	target/debug/relapse run --tag core --kubernetes $(KUBERNETES) --repeat $(N)

test: base ## pass all tests, the scenarios among them
	cargo test --workspace --no-fail-fast

sabotage: base ## try wrong claims on real clusters, and see that each is refuted
	RELAPSE_SABOTAGE=clusters cargo test --package relapse-tests --test sabotage

guards: cargo ## take each guard out of the judge, and see that a wrong claim gets past it
	RELAPSE_GUARDS=removed cargo test --package relapse-tests --test unguarded

mutants: cargo ## try each small change of a rule, and see that a test fails
	@cargo mutants --version >/dev/null 2>&1 || { echo 'cargo-mutants is missing: run `cargo install cargo-mutants --locked`, and the same command again.' >&2; exit 1; }
	cargo mutants

setup: base ## do the whole set-up, for all scenarios, and nothing else
	ci/setup $$(tail -n +2 ci/images.tsv | cut -f 1 | sed 's/^/image:/') >/dev/null
	cargo build --workspace --all-targets

lint: cargo ## check format, lints and scripts
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
	@if command -v shellcheck >/dev/null; then \
		shellcheck --external-sources --check-sourced ci/setup ci/clean ci/bench ci/flood ci/api-schema ci/lib/runc-bounded ci/node/pod-network; \
	else \
		echo 'shellcheck is missing: the scripts were not checked.'; \
	fi

bench: base ## measure what the project promises of its own speed
	cargo build
	ci/bench

clean: ## remove clusters, registry and containers of this project
	ci/clean

distclean: ## remove its images, its cache and the build folder too
	ci/clean --all
	rm -rf target

base: cargo
	@ci/setup engine kind node:$(KUBERNETES) registry >/dev/null

cargo:
	@command -v cargo >/dev/null || { echo 'cargo is missing: install Rust with rustup and run the same command again.' >&2; exit 1; }
	@command -v cc >/dev/null || { echo 'A C compiler is missing, which Rust links with: install gcc and libc6-dev and run the same command again.' >&2; exit 1; }
