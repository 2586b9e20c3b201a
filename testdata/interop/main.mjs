// The whole run: every client, on every transport. Arguments: the program, and that of the tests' identity provider.
import { execFileSync } from "node:child_process";

import * as v1 from "./client_v1.mjs";
import * as v2 from "./client_v2.mjs";
import { inspect } from "./inspector.mjs";
import { Report } from "./report.mjs";
import { signin } from "./signin.mjs";
import { convert } from "./schemas.mjs";
import { work } from "./work.mjs";

const [bin, idp] = process.argv.slice(2);
const report = new Report();
const listed = (...flags) => JSON.parse(execFileSync(bin, ["tools", "--json", ...flags], { encoding: "utf8" })).tools;
const names = listed().map((tool) => tool.name);

await convert(report, listed("--mode", "full"));
await inspect(report, bin, names);
const clients = [
  { name: "SDK v1", open: v1.open, version: "2025-11-25" },
  { name: "SDK v2 legacy", open: v2.opener("legacy"), version: "2025-11-25" },
  { name: "SDK v2 auto", open: v2.opener("auto"), version: "2026-07-28" },
  { name: "SDK v2 pinned", open: v2.opener({ pin: "2026-07-28" }), version: "2026-07-28" },
];
for (const client of clients) {
  for (const transport of ["stdio", "http"]) {
    await work(report, bin, names, client, transport);
  }
}
await signin(report, bin, idp);
process.exitCode = report.close();
