# `docker build -o artifacts .` leaves artifacts/bootstrap and artifacts/worker/bootstrap, the programs for
# AWS Lambda.
# `docker build --target server -t glitch .` makes an image that runs `glitch serve`.
# `--build-arg ARCH=arm64` builds for 64-bit ARM; the other choice is amd64.
#
# Debian 12 has glibc 2.36, and what is built on it needs no symbol newer than 2.34: that of the
# runtime provided.al2023. On Debian 13 it would. lambda/check-glibc.sh holds it to that.

ARG ARCH=amd64

FROM rust:1.95.0-bookworm AS chef
# Only what Cargo.toml and Cargo.lock name is built anew when they change, and nothing else then.
RUN cargo install cargo-chef --version 0.1.78 --locked
WORKDIR /glitch

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS dependencies
ARG ARCH
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
RUN case "$ARCH" in \
        amd64) echo x86_64-unknown-linux-gnu >/target ;; \
        arm64) echo aarch64-unknown-linux-gnu >/target \
            && rustup target add aarch64-unknown-linux-gnu \
            && apt-get update \
            && apt-get install -y --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
            && ln -sf /usr/bin/aarch64-linux-gnu-objdump /usr/local/bin/objdump ;; \
        *) echo "ARCH is amd64 or arm64, not $ARCH" >&2; exit 1 ;; \
    esac
COPY --from=planner /glitch/recipe.json .
RUN cargo chef cook --release --locked --target "$(cat /target)" \
        --no-default-features --features lambda,worker,jemalloc --bin bootstrap --recipe-path recipe.json \
    && cargo chef cook --release --locked --target "$(cat /target)" --bin glitch --recipe-path recipe.json

FROM dependencies AS builder
COPY . .
RUN cargo build --release --locked --target "$(cat /target)" \
        --no-default-features --features lambda,worker,jemalloc --bin bootstrap --bin worker \
    && cargo build --release --locked --target "$(cat /target)" --bin glitch \
    && mkdir -p /out/artifacts/worker && cd "target/$(cat /target)/release" \
    && cp glitch /out/ && cp bootstrap /out/artifacts/ && cp worker /out/artifacts/worker/bootstrap \
    && sh /glitch/lambda/check-glibc.sh /out/artifacts/bootstrap 2.34 \
    && sh /glitch/lambda/check-glibc.sh /out/artifacts/worker/bootstrap 2.34

FROM --platform=linux/${ARCH} debian:12.12-slim AS server
COPY --from=builder /out/glitch /usr/local/bin/glitch
USER 65532:65532
# Every address of the container; which of the host's lead there is the user's choice (-p).
ENV GLITCH_ADDR=0.0.0.0:3000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s CMD ["glitch", "health"]
ENTRYPOINT ["glitch"]
CMD ["serve"]

# The last stage is what `docker build` makes if no other is named.
FROM scratch AS artifacts
COPY --from=builder /out/artifacts /
