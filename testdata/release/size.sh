#!/usr/bin/env bash
# Prints the size of a program and its ten largest dependencies; exit 1 if it is larger than it may be.
#
# Usage: size.sh PROGRAM SYMBOLS MEGABYTES
#
# PROGRAM is stripped, SYMBOLS the same with its symbols. A dependency counts by its code and data; what belongs to none,
# such as strings and the tables of the runtime, is left out.
set -euo pipefail

"${GO:-go}" tool nm -size "$2" | awk -v own="$("${GO:-go}" list -m)/" '
	$3 ~ /^[TtRrDd]$/ {
		name = $4
		sub(/[[(].*/, "", name)
		if (index(name, own) == 1 || name !~ /^[a-z0-9.-]+\.[a-z]+\//) next
		parts = split(name, path, "/")
		keep = path[1] ~ /^(github\.com|golang\.org)$/ ? 3 : 2
		module = path[1]
		for (i = 2; i <= keep && i <= parts; i++) { sub(/\..*/, "", path[i]); module = module "/" path[i] }
		size[module] += $2
	}
	END { for (module in size) printf "%7.2f MB  %s\n", size[module] / 1e6, module }' | sort -rn | sed -n 1,10p

bytes=$(wc -c <"$1")
awk -v bytes="$bytes" -v most="$3" 'BEGIN { printf "%7.2f MB  in all, at most %d\n", bytes / 1e6, most; exit bytes > most * 1e6 }'
