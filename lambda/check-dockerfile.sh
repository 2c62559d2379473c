#!/usr/bin/env bash
# Builds the Dockerfile without a Docker engine: with buildah, on bases made here under the names that
# the Dockerfile asks for. By hand, where the Dockerfile or Cargo.lock changed: it takes some 25 minutes
# and 50 GB for a while. As root, on Debian 12, with a Rust toolchain; needs buildah, crun and
# debootstrap (Debian).
#
# It shows that every step runs, that the programs for Lambda come of it, and that the server's image
# has a server that answers and a health check that knows. It does not show that the official images are
# like the bases made here, that the build for arm64 works, or what BuildKit makes of the Dockerfile.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
export CONTAINERS_STORAGE_CONF=$work/storage.conf
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/store" "$work/run" >"$CONTAINERS_STORAGE_CONF"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/policy.json"

# The image that a stage is made on.
from() { awk -v stage="$1" '$1 == "FROM" && $NF == stage { print $(NF - 2) }' Dockerfile; }

# A Debian with the packages of $2, as an image of name $1; $3 is copied into it.
base() {
    debootstrap --variant=minbase --include="$2" bookworm "$work/root" "$mirror" >"$work/log" 2>&1 ||
        { tail "$work/log"; exit 1; }
    rm -rf "$work/root/var/cache/apt/archives"
    if [ -n "${3:-}" ]; then "$3" "$work/root"; fi
    # What the machine trusts, for registries behind a proxy of one's own.
    if [ -n "${SSL_CERT_FILE:-}" ]; then
        mkdir -p "$work/root/etc/ssl/certs"
        cp "$SSL_CERT_FILE" "$work/root/etc/ssl/certs/ca-certificates.crt"
    fi
    local container
    container=$(buildah from scratch)
    buildah copy -q "$container" "$work/root" / >/dev/null
    buildah config --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        --env RUSTUP_HOME=/usr/local/rustup --env CARGO_HOME=/usr/local/cargo "$container"
    buildah commit -q --rm --signature-policy "$work/policy.json" "$container" "$1" >/dev/null
    rm -rf "$work/root"
}

# The toolchain of this machine, where the official image has its own.
toolchain() {
    local sysroot
    sysroot=$(rustc --print sysroot)
    mkdir -p "$1/usr/local/cargo/bin" "$1/usr/local/rustup"
    cp -a "$sysroot/." "$1/usr/local/rustup/"
    ln -s /usr/local/rustup/bin/cargo /usr/local/rustup/bin/rustc "$1/usr/local/cargo/bin/"
}

# Health checks are of the docker format; what is built in another has no layers in common with it.
build() {
    buildah bud --format docker --layers --isolation chroot --pull-never --signature-policy "$work/policy.json" \
        --ignorefile .dockerignore -f Dockerfile "$@" .
}

base "$(from chef)" ca-certificates,gcc,g++,libc6-dev,make,binutils toolchain
base "$(from server)" ca-certificates
build --output "type=local,dest=$work/artifacts"
for program in bootstrap worker/bootstrap; do
    [ -x "$work/artifacts/$program" ]
    sh lambda/check-glibc.sh "$work/artifacts/$program" 2.34
done
build --target server -t glitch
container=$(buildah from --pull-never --signature-policy "$work/policy.json" glitch)
buildah run --isolation chroot "$container" -- sh -ec '
    [ "$(id -u)" = 65532 ]
    GLITCH_ADDR=127.0.0.1:0 glitch serve >/tmp/out 2>/tmp/log &
    while ! grep -q listening /tmp/out; do sleep 0.1; done
    address=$(sed "s,.*http://,," /tmp/out)
    glitch health --addr "$address"
    kill $!
    wait
    ! glitch health --addr "$address" 2>/dev/null'
ls -l "$work/artifacts/bootstrap" "$work/artifacts/worker/bootstrap"
echo "the Dockerfile builds: artifacts and server"
