#!/usr/bin/env bash
# Packs programs into bundles (.mcpb) that desktop clients install, one for each system that a program is for, and checks
# what clients and the MCP registry read about a release, each by the tools of those who defined it: the manifest of the
# bundle by Anthropic's mcpb, server.json by the registry's own schema.
#
# Usage: bundle.sh VERSION WORKDIR PROGRAM...
#
# The bundles are WORKDIR/intercom-mcp_OS_ARCH.mcpb, and beside them lies the server.json that names them, for a release
# at github.com/OWNER/intercom-mcp. The tools are installed with npm into WORKDIR, where they stay for the next run. A
# VERSION that is not of the form v1.2.3 becomes 0.0.0.
set -euo pipefail

version=${1#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || version=0.0.0
work=$2
shift 2
go=${GO:-go}
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

npm install --prefix "$work" --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error \
	@anthropic-ai/mcpb@2.1.2 ajv-cli@5.0.0 ajv-formats@3.0.1 >&2

rm -f "$work"/*.mcpb
for program; do
	built=$("$go" version -m "$program")
	os=$(sed -n 's/^.*\tGOOS=//p' <<<"$built")
	arch=$(sed -n 's/^.*\tGOARCH=//p' <<<"$built")
	file=intercom-mcp
	[ "$os" != windows ] || file+=.exe
	rm -rf "$work/bundle"
	mkdir -p "$work/bundle/server"
	cp -p -- "$program" "$work/bundle/server/$file"
	sed -e "s/\"version\": \"0.0.0\"/\"version\": \"$version\"/" -e "s|server/intercom-mcp\"|server/$file\"|" \
		-e "s/\"platforms\": .*]/\"platforms\": [\"${os/windows/win32}\"]/" \
		"$here"/manifest.json >"$work/bundle/manifest.json"
	touch -r "$program" "$work/bundle/manifest.json"
	"$work"/node_modules/.bin/mcpb validate "$work/bundle/manifest.json"
	node - "$work/bundle" <<'JS'
const fs = require("fs"), folder = process.argv[2];
const { server } = JSON.parse(fs.readFileSync(folder + "/manifest.json", "utf8"));
for (const file of [folder + "/" + server.entry_point, server.mcp_config.command.replace("${__dirname}", folder)])
  fs.accessSync(file, fs.constants.X_OK);
JS
	"$work"/node_modules/.bin/mcpb pack "$work/bundle" "$work/intercom-mcp_${os}_$arch.mcpb" | tail -n 1
done

node - "$here/server.json" "$version" "${OWNER:-OWNER}" "$work"/*.mcpb >"$work/server.json" <<'JS'
const fs = require("fs"), [template, version, owner, ...bundles] = process.argv.slice(2);
const text = fs.readFileSync(template, "utf8").replaceAll("0.0.0", version).replaceAll("OWNER", owner);
const server = JSON.parse(text), [one] = server.packages;
server.packages = bundles.map((file) => ({
  ...one,
  identifier: one.identifier.replace("PLATFORM", file.match(/_(\w+)\.mcpb$/)[1]),
  fileSha256: require("crypto").createHash("sha256").update(fs.readFileSync(file)).digest("hex"),
}));
console.log(JSON.stringify(server, null, 2));
JS
registry=$(cd / && "$go" mod download -json github.com/modelcontextprotocol/registry@v1.7.9 |
	sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
schema=$(sed -n 's|.*/schemas/\(.*\)/server\.schema\.json.*|\1|p' "$work/server.json")
"$work"/node_modules/.bin/ajv validate --spec=draft7 --strict=false -c ajv-formats \
	-s "$registry/internal/validators/schemas/$schema.json" -d "$work/server.json"
echo "server.json: valid against the registry's schema of $schema"
