#!/usr/bin/env bash
# Looks at the views and pages of the program with a real browser: what they show, that keyboard, narrow screens and
# screen readers can use them, and what they do. Prints a line for each check; exit 1 if one failed.
#
# Usage: run.sh BIN IDP [WORKDIR]
#
# BIN is the program, IDP the identity provider of the tests. Everything but the browser is installed with npm into
# WORKDIR (out/browser when absent), where it stays for the next run; the pictures are left in WORKDIR/pictures.
# Needs npm, and Chromium: as CHROMIUM names it, or chromium or google-chrome in the PATH.
set -euo pipefail

if [[ $# -lt 2 || $# -gt 3 ]]; then
	echo "usage: $0 BIN IDP [WORKDIR]" >&2
	exit 2
fi
bin=$(realpath -e -- "$1")
idp=$(realpath -e -- "$2")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=${3:-out/browser}
CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v google-chrome || true)}
if [[ -z $CHROMIUM ]]; then
	echo "$0: there is no Chromium; install it, or name it in CHROMIUM" >&2
	exit 2
fi
export CHROMIUM

mkdir -p -- "$work/pictures"
cp -- "$here"/package.json "$here"/*.mjs "$here"/{approver,self,views}.yaml "$here"/people.json "$here"/../interop/{report,server}.mjs "$work"
cd -- "$work"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error >&2
exec node main.mjs "$bin" "$idp"
