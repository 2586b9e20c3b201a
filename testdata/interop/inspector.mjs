// The Inspector's command line: one process for each call, no user to ask.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { changeCalls, plainCalls } from "./calls.mjs";
import { serveMCP } from "./server.mjs";

const manifest = createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json");
const launcher = join(dirname(manifest), "clients/launcher/build/index.js");

// Exit codes of the Inspector.
const ok = 0;
const toolError = 5;

// inspect lints the schemas and calls every tool: on stdio, where a process
// and its workspace last for one call, and on HTTP in both eras.
export async function inspect(report, bin, names) {
  const stdio = { label: "Inspector stdio", args: [bin, "stdio", "--sandbox"] };
  await lint(report, stdio, names);
  await callAll(report, stdio, names, []);
  for (const era of ["legacy", "modern"]) {
    const server = await serveMCP(bin, ["--sandbox"]);
    const target = {
      label: `Inspector http ${era}`,
      args: [server.url, "--transport", "http", "--protocol-era", era],
    };
    await lint(report, target, names);
    await callAll(report, target, names, changeCalls);
    await server.stop();
  }
}

// lint lists the tools and has the Inspector judge how portable their schemas
// are. It says nothing about those that are.
async function lint(report, target, names) {
  await report.check(`${target.label}: tools/list --strict`, async () => {
    const { code, stdout, stderr } = await run(target, ["--method", "tools/list", "--strict", "--format", "json"]);
    assert.equal(code, ok, stderr);
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout).result.tools.map((tool) => tool.name), names);
  });
}

// callAll calls every tool once at least. saved holds what earlier calls found.
async function callAll(report, target, names, more) {
  const saved = {};
  const called = new Set();
  const steps = [...plainCalls(names), ...(more.length ? more : changeCalls.map(withoutChange))];
  for (const step of steps) {
    called.add(step.tool);
    await report.check(`${target.label}: ${step.tool}${step.about ? ", " + step.about : ""}`, async () => {
      const args = JSON.stringify(step.args(saved));
      const flags = ["--method", "tools/call", "--tool-name", step.tool, "--tool-args-json", args, "--format", "json"];
      const { code, stdout, stderr } = await run(target, flags);
      const { result } = stdout ? JSON.parse(stdout) : {};
      assert.ok(result, `no result: ${stderr}`);
      assert.equal(code, step.error ? toolError : ok, stderr + stdout);
      if (step.error) {
        assertToolError(result, step.error);
        return;
      }
      assertAnswer(result);
      step.expect(result.structuredContent, saved);
    });
  }
  await report.check(`${target.label}: no tool was left out`, () => {
    assert.deepEqual(names.filter((name) => !called.has(name)), []);
  });
}

// withoutChange is step where no change outlives the process that planned it.
function withoutChange(step) {
  if (step.tool === "list_changes") {
    return { ...step, expect: (answer) => assert.deepEqual(answer.rows, []) };
  }
  return { ...step, args: () => ({ change: "chg_00000000000000000000000000" }), error: "not_found" };
}

// assertAnswer checks what holds for every successful result.
export function assertAnswer(result) {
  assert.ok(!result.isError, result.content?.[0]?.text);
  assert.equal(result.content.length, 1);
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
}

// assertToolError checks what holds for every error that an agent can act on.
export function assertToolError(result, code) {
  assert.equal(result.isError, true, JSON.stringify(result));
  assert.equal(result._meta?.["intercom-mcp/error"]?.code, code, result.content?.[0]?.text);
  assert.equal(result.structuredContent, undefined);
  assert.match(result.content[0].text, /^[^\n]+$/);
}

// run runs the Inspector once.
function run(target, flags) {
  const args = [launcher, "--cli", "--quiet", ...target.args, ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 16 << 20 }, (err, stdout, stderr) => {
      resolve({ code: err ? err.code : 0, stdout, stderr: stderr.trim() });
    });
  });
}
