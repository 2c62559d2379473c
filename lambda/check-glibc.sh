#!/bin/sh
# Whether a program runs where the GNU C library is no newer than this: `check-glibc.sh FILE [2.34]`.
# 2.34 is what Lambda's provided.al2023 has. A newer one is found out only when the program starts there.
set -eu
file=$1
floor=${2:-2.34}

symbols=$(objdump -pT "$file")
# Relative relocations have a mark of their own, which came with 2.36.
needed=$(printf '%s\n' "$symbols" | grep -oE 'GLIBC_(2\.[0-9.]+|ABI_DT_RELR)' |
    sed 's/GLIBC_ABI_DT_RELR/GLIBC_2.36/; s/GLIBC_//' | sort -uV | tail -n 1)
if [ -z "$needed" ]; then
    echo "$file: needs no GLIBC"
    exit 0
fi
newest=$(printf '%s\n%s\n' "$needed" "$floor" | sort -V | tail -n 1)
if [ "$newest" != "$floor" ]; then
    echo "$file: needs GLIBC $needed, more than $floor: build it on an older system, such as Debian 12" >&2
    exit 1
fi
echo "$file: needs GLIBC $needed, at most $floor"
