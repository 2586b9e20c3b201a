#!/usr/bin/env bash
# Holds the Kubernetes manifests to the schemas of their kinds: types and what is required, not unknown keys.
#
# Usage: manifests.sh FOLDER [WORKDIR]
#
# What checks them is installed with npm into WORKDIR (out/manifests when absent).
set -euo pipefail
folder=$(realpath -e -- "$1")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=${2:-out/manifests}
mkdir -p -- "$work"
cp -- "$here/manifests.mjs" "$work"
cd -- "$work"
npm install --no-package-lock --no-save --ignore-scripts --no-audit --no-fund --loglevel=error \
	kubernetes-models@5.1.0 js-yaml@5.5.0 >&2
exec node manifests.mjs "$folder"
