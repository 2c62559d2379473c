# What there is to do here. `make test` is all tests; what they skip, they say on a line of its own.

FUZZ_SECONDS ?= 60
FUZZ_TARGETS := inspect glitch scan_walk png_scanlines png_chunks jpeg_segments verify recipe http lambda worker show

# How long each row of the table takes, and how many requests a soak has (docs/load.md).
LOAD_SECONDS ?= 60
SOAK_REQUESTS ?= 100000

# Where cargo puts what it builds.
TARGET := $(or $(CARGO_TARGET_DIR),target)

.PHONY: test lint format clippy doc licences advisories fixtures bench bench-jpeg bench-png bench-memory \
	bench-growth bench-start bench-command_line bench-lambda instructions instructions-update load soak fuzz \
	artifacts test-lambda ci

# Few features build fast, and no program is built with them.
BENCH := cargo bench --no-default-features --features verify

# The dev profile: optimised enough (Cargo.toml), and arithmetic that overflows is a failure.
test:
	cargo test --workspace --all-features

lint: format clippy doc licences

format:
	cargo fmt --check

# All features at once hide what one of them lacks.
clippy:
	cargo clippy --all-targets --all-features -- -D warnings
	for features in verify show serde http serve s3 cli lambda worker; do \
		cargo clippy --no-default-features --features $$features -- -D warnings || exit 1; \
	done
	cargo clippy --no-default-features -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

# Licences, sources and doubled crates (deny.toml); needs cargo-deny, not the network.
licences:
	cargo deny --all-features --offline check licenses bans sources

# Flaws that are known of dependencies, of the fuzz targets' and the generator's too; needs a copy of
# RustSec's database, which `cargo deny fetch db` gets.
advisories:
	for manifest in Cargo.toml fuzz/Cargo.toml fixtures/make/Cargo.toml; do \
		cargo deny --manifest-path $$manifest --config deny.toml --all-features --offline check advisories || exit 1; \
	done

# Whether fixtures/ is what its generator writes.
fixtures:
	cargo run --release --manifest-path fixtures/make/Cargo.toml -- --check

# All figures of docs/performance.md anew, in some minutes each; on a machine that does nothing else.
bench: BENCH_ARGUMENTS := -- --write
bench: bench-jpeg bench-png bench-memory bench-growth bench-start bench-command_line bench-lambda

bench-jpeg bench-png bench-memory bench-growth: bench-%:
	$(BENCH) --bench $* $(BENCH_ARGUMENTS)

# With the program itself.
bench-start bench-command_line: bench-%:
	cargo bench --bench $* $(BENCH_ARGUMENTS)

bench-lambda: artifacts
	$(BENCH) --bench lambda $(BENCH_ARGUMENTS)

# Counts instructions, which is the same on every machine, and compares with benches/instructions.txt.
# Needs valgrind.
instructions:
	$(BENCH) --bench instructions -- --self-test >/dev/null
	$(BENCH) --bench instructions

instructions-update:
	$(BENCH) --bench instructions -- --update

# The real server under load from a second process: photographs, then a soak of requests of all
# manners. Neither is part of `make test`; both end with an error where an answer is wrong.
load: load-programs
	$(TARGET)/release/examples/load photographs --seconds $(LOAD_SECONDS)

soak: load-programs
	$(TARGET)/release/examples/load soak --requests $(SOAK_REQUESTS)

.PHONY: load-programs
load-programs:
	cargo build --release --locked --bin glitch --example load

# Each target for FUZZ_SECONDS, with the corpus and all fixtures to start from. Needs cargo-fuzz
# and a C++ compiler. RUSTC_BOOTSTRAP: sanitizers are nightly flags, and the stable compiler has them.
# What the threads of a client or a server hold as they end is no leak.
# New finds go into fuzz/found, to be looked at; fuzz/corpus is what is replayed by the tests.
fuzz:
	for target in $(FUZZ_TARGETS); do \
		mkdir -p fuzz/found/$$target; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run $$target fuzz/found/$$target fuzz/corpus/$$target \
			$$(case $$target in inspect|glitch|verify) echo fixtures;; esac) -- \
			-max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=20 -rss_limit_mb=4096 \
			$$(case $$target in http|lambda|worker) echo -detect_leaks=0;; esac) \
			|| exit 1; \
	done

# The programs for AWS Lambda, for the processor of this machine, each in a folder of its own under the
# name that Lambda looks for. With the features of both at once all but the two is built once.
artifacts:
	cargo build --release --locked --no-default-features --features lambda,worker,jemalloc --bin bootstrap --bin worker
	sh lambda/check-glibc.sh $(TARGET)/release/bootstrap
	sh lambda/check-glibc.sh $(TARGET)/release/worker
	mkdir -p artifacts/worker
	install -m 755 $(TARGET)/release/bootstrap artifacts/bootstrap
	install -m 755 $(TARGET)/release/worker artifacts/worker/bootstrap

lambda/node_modules/.package-lock.json: lambda/package-lock.json
	cd lambda && npm ci --no-audit --no-fund

# The CDK app, and a deployment of it to an emulator (docs/deploy.md).
test-lambda: artifacts lambda/node_modules/.package-lock.json
	cargo build --all-features --bin glitch
	cd lambda && npm test
	cd lambda && GLITCH_BIN=$(abspath $(TARGET))/debug/glitch npm run test:deploy

# What the project's CI does, on Debian 12 as root.
ci:
	bash .ci/run
