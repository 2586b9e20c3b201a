#!/usr/bin/env bash
# Packs a program built for this machine into a bundle (.mcpb) that desktop clients install, and checks what clients and
# the MCP registry read about a release, each by the tools of those who defined it: the manifest of the bundle by
# Anthropic's mcpb, server.json by the registry's own schema.
#
# Usage: bundle.sh PROGRAM VERSION [WORKDIR]
#
# The bundle is WORKDIR/intercom-mcp_OS_ARCH.mcpb, and beside it lies the server.json that names it, for a release at
# github.com/OWNER/intercom-mcp. The tools are installed with npm into WORKDIR (out/release when absent), where they stay
# for the next run. A VERSION that is not of the form v1.2.3 becomes 0.0.0.
set -euo pipefail

program=$1
version=${2#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || version=0.0.0
work=${3:-out/release}
go=${GO:-go}
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

npm install --prefix "$work" --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error \
	@anthropic-ai/mcpb@2.1.2 ajv-cli@5.0.0 ajv-formats@3.0.1 >&2

os=$("$go" env GOOS)
platform=${os}_$("$go" env GOARCH)
bundle=$work/intercom-mcp_$platform.mcpb
rm -rf "$work/bundle"
mkdir -p "$work/bundle/server"
cp -- "$program" "$work/bundle/server/"
sed -e "s/\"version\": \"0.0.0\"/\"version\": \"$version\"/" \
	-e "s/\"platforms\": .*]/\"platforms\": [\"${os/windows/win32}\"]/" \
	"$here"/manifest.json >"$work/bundle/manifest.json"
"$work"/node_modules/.bin/mcpb validate "$work/bundle/manifest.json"
"$work"/node_modules/.bin/mcpb pack "$work/bundle" "$bundle" | tail -n 1

sha256=$(node -e 'console.log(crypto.createHash("sha256").update(fs.readFileSync(process.argv[1])).digest("hex"))' "$bundle")
sed -e "s/0\.0\.0/$version/; s/PLATFORM/$platform/; s/SHA256/$sha256/; s/OWNER/${OWNER:-OWNER}/" \
	"$here"/server.json >"$work/server.json"
registry=$(cd / && "$go" mod download -json github.com/modelcontextprotocol/registry@v1.7.9 |
	sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
schema=$(sed -n 's|.*/schemas/\(.*\)/server\.schema\.json.*|\1|p' "$work/server.json")
"$work"/node_modules/.bin/ajv validate --spec=draft7 --strict=false -c ajv-formats \
	-s "$registry/internal/validators/schemas/$schema.json" -d "$work/server.json"
echo "server.json: valid against the registry's schema of $schema"
