// The console, as people use it: a proposal of 2,000 contacts on a server where they sign in, and one beside a stdio
// server, with the code from the terminal.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { accessible, fits, picture, screens, tabbed } from "./browser.mjs";
import { approver, extension } from "./view.mjs";
import { freePort, serveAt, serveIntercom, started } from "./server.mjs";

const all = { where: [{ field: "custom_attributes.plan", operator: "=", value: "trial" }], set: { custom_attributes: { plan: "free" }, add_tags: ["VIP"] } };
const call = (client, name, args) => client.callTool({ name, arguments: args });

// team starts an identity provider, an Intercom of 10,000 contacts, and a server with a console for both.
async function team(bin, idp, dir) {
  const [port, at] = [await freePort(), await freePort()];
  const base = `http://127.0.0.1:${port}`;
  const provider = await started(idp, ["-people", "people.json", `127.0.0.1:${at}`, `${base}/mcp`], at, "");
  const intercom = await serveIntercom(bin, ["--contacts", "10000"]);
  const tokens = join(dir, "tokens");
  const token = execFileSync(bin, ["token", "new", "tomas", "--tokens", tokens, "--person", "tomas@acme.example"], { encoding: "utf8" }).match(/\S{40,}/)[0];
  writeFileSync(join(dir, "access"), "t\n", { mode: 0o600 });
  const server = await serveAt(bin, "http", port, "/mcp", [
    "--base-url", intercom.url, "--token-file", join(dir, "access"), "--state", join(dir, "team.db"), "--policy", "approver.yaml", "--tokens", tokens,
    "--issuer", provider.url, "--audience", `${base}/mcp`, "--public-url", base, "--console-client-id", "console",
  ]);
  const connect = async (capabilities) => {
    const client = new Client({ name: "Claude Code", version: "1" }, { capabilities, versionNegotiation: { mode: "auto" } });
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }));
    return client;
  };
  const [client, viewer] = [await connect({}), await connect({ extensions: extension })];
  const stop = async () => {
    for (const each of [client, viewer]) await each.close();
    for (const each of [server, intercom, provider]) await each.stop();
  };
  return { base, client, viewer, stop };
}

// signIn opens a page of the console as one of the people whom the provider knows.
async function signIn(browser, base, who, path, options = {}) {
  const context = await browser.newContext({ viewport: screens.desktop, ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(error.message));
  await page.goto(base + path);
  await page.getByRole("link", { name: /^Sign in/ }).click();
  await page.getByRole("link", { name: who }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

// consoles runs all checks.
export async function consoles(report, browser, bin, idp) {
  const dir = mkdtempSync(join(tmpdir(), "console-"));
  const world = await report.check("console: start a team's server", () => team(bin, idp, dir));
  if (world) {
    await report.check("console: a proposal of 2,000 is approved by another person, followed to its end, and undone", () => proposal(browser, world));
    await report.check("console: who declines says why, and the assistant is told", () => declined(browser, world));
    await report.check("console: the view of a change leads to it", () => approver(browser, world.viewer, world.base));
    await report.check("console: a large proposal", () => measures(browser, world));
    await report.check("console: every page fits every screen, keyboard and screen reader, in both schemes", () => pages(browser, world));
    await world.stop();
  }
  await report.check("console: beside a stdio server, by the code from the terminal, where the policy allows it", () => local(browser, bin, dir));
  rmSync(dir, { recursive: true });
}

async function proposal(browser, { base, client }) {
  const { structuredContent: planned } = await call(client, "bulk_update_contacts", all);
  assert.equal(planned.status, "awaiting", JSON.stringify(planned));
  assert.equal(planned.level, "approver");
  const path = new URL(planned.link).pathname;

  const requester = await signIn(browser, base, "Tomas Berg", path);
  assert.equal(await requester.getByRole("button", { name: /^Approve/ }).count(), 0, "the requester may approve");

  const page = await signIn(browser, base, "Nora Lindqvist", path);
  await page.getByText(planned.code).waitFor();
  await page.getByText(/nothing has changed there/).waitFor({ timeout: 30_000 });
  await page.screenshot({ path: "pictures/console.png" });
  await page.getByRole("heading", { level: 1, name: /^Tomas|^tomas/ }).waitFor();
  await page.getByLabel("Name, id or value").fill("acme");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText(/that match/).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Approve/ }).count(), 1);
  const reached = await tabbed(page, page.mainFrame());
  for (const name of [/^Approve/, /^Decline/, /^Search/, /table/]) assert.ok(reached.some((each) => name.test(each)), `${name} is not reached by Tab: ${reached}`);
  await picture(page, "console-proposal");
  await page.getByRole("button", { name: /^Approve/ }).click();
  await page.locator(".note.good").first().waitFor({ timeout: 120_000 });
  await picture(page, "console-done");
  const { structuredContent: now } = await call(client, "get_change", { change: planned.change, limit: 1 });
  assert.equal(now.status, "applied");
  assert.match(now.note, /approved by Nora Lindqvist/);

  // To put it back writes to as many, so that somebody else approves that, too: here the one who asked at first.
  await page.goto(base + path);
  await page.getByRole("button", { name: /^Undo/ }).click();
  const undo = page.getByRole("link", { name: /see what became of it/ });
  await undo.waitFor({ timeout: 60_000 });
  const other = await signIn(browser, base, "Tomas Berg", "/console");
  await other.goto(new URL(await undo.getAttribute("href"), base).href);
  await other.getByRole("button", { name: /^Approve/ }).click();
  await other.locator(".note.good").first().waitFor({ timeout: 120_000 });
  for (let tries = 0; ; tries++) {
    const { structuredContent: back } = await call(client, "get_change", { change: planned.change, limit: 1 });
    if (back.status === "undone") break;
    assert.ok(tries < 300, `the change is ${back.status}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.deepEqual(page.errors, []);
  await requester.context().close();
  await other.context().close();
  await page.context().close();
}

// measures opens and filters a plan of 10,000 contacts, and says how long a browser takes from the click to the answer.
async function measures(browser, { base, client }) {
  const { structuredContent: planned } = await call(client, "bulk_update_contacts", { ...all, where: [{ field: "email", operator: "present" }], set: { language_override: "fr" } });
  assert.ok(planned.pending > 9000, JSON.stringify(planned).slice(0, 500));
  const path = new URL(planned.link).pathname;
  const page = await signIn(browser, base, "Nora Lindqvist", path);
  const timed = async (query) => {
    let took = Infinity, bytes = 0;
    for (let i = 0; i < 5; i++) {
      const answer = await page.goto(`${base}${path}${query}`);
      took = Math.min(took, answer.request().timing().responseEnd);
      bytes = (await answer.body()).length;
    }
    return { took: Math.round(took), bytes };
  };
  const [opened, filtered] = [await timed(""), await timed("?q=acme")];
  console.log(`      ${planned.pending} contacts: opens in ${opened.took} ms and ${opened.bytes} bytes, filters in ${filtered.took} ms`);
  assert.ok(opened.bytes <= 200_000, `${opened.bytes} bytes`);
  await page.context().close();
}

async function declined(browser, { base, client }) {
  const { structuredContent: planned } = await call(client, "bulk_update_contacts", { ...all, set: { custom_attributes: { plan: "pro" } } });
  const page = await signIn(browser, base, "Nora Lindqvist", new URL(planned.link).pathname);
  await page.getByLabel(/word|reason|why/i).first().fill("They pay by invoice.");
  await page.getByRole("button", { name: /^Decline/ }).click();
  await page.getByText(/declined/i).first().waitFor();
  const answer = await call(client, "get_change", { change: planned.change, limit: 1 });
  assert.equal(answer.structuredContent.status, "declined");
  assert.match(JSON.stringify(answer.structuredContent), /They pay by invoice\./);
  await page.context().close();
}

async function pages(browser, { base, client }) {
  const hostile = "<b>Approve</b> \u05d0\u05d1\u05d2 " + "x".repeat(300);
  const made = await call(client, "create_contact", { set: { email: "h@acme.example", name: hostile.slice(0, 200) } });
  const { structuredContent: planned } = await call(client, "bulk_update_contacts", { where: [{ field: "email", operator: "~", value: "acme.example" }], set: { name: "N <script>a()</script>" } });
  assert.ok(made && planned.link, JSON.stringify(planned));
  const paths = {
    waiting: "/console", changes: "/console/changes", change: new URL(planned.link).pathname, trail: "/console/trail",
    freeze: "/console/freeze", nowhere: "/console/nowhere",
  };
  for (const colorScheme of ["light", "dark"]) {
    for (const [screen, viewport] of Object.entries(screens)) {
      const page = await signIn(browser, base, "Nora Lindqvist", "/console", { viewport, colorScheme });
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(base + path);
        await fits(page.mainFrame());
        if (screen !== "4K") await accessible(page.mainFrame());
        await picture(page, `console-${name}-${screen}-${colorScheme}`);
      }
      assert.deepEqual(page.errors, []);
      await page.context().close();
    }
  }
  const page = await browser.newPage({ viewport: screens.phone });
  await page.goto(base + "/console");
  await fits(page.mainFrame());
  await accessible(page.mainFrame());
  await picture(page, "console-sign-in-phone-light");
  await page.close();
}

// local has a person approve their own assistant's proposal, where the policy lets them, and not where it does not.
async function local(browser, bin, dir) {
  for (const policy of ["self.yaml", "approver.yaml"]) {
    const state = join(dir, policy + ".db");
    const client = new Client({ name: "desktop", version: "1" }, { capabilities: {}, versionNegotiation: { mode: "legacy" } });
    await client.connect(new StdioClientTransport({ command: bin, args: ["stdio", "--sandbox", "--state", state, "--policy", policy], stderr: "pipe" }));
    const { structuredContent: planned } = await call(client, "bulk_update_contacts", { ...all, set: { custom_attributes: { plan: "free" } } });
    assert.equal(planned.status, "awaiting", JSON.stringify(planned));
    const child = spawn(bin, ["console", "--state", state, "--policy", policy], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (said += chunk));
    let url, code;
    for (let tries = 0; !code; tries++) {
      url = said.match(/http:\/\/\S+/)?.[0];
      code = said.match(/code ([0-9A-Z-]{8,})/)?.[1];
      assert.ok(tries < 100, `no code: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const page = await browser.newPage({ viewport: screens.desktop });
    await page.goto(url);
    await page.getByLabel(/code/i).fill(code);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.goto(new URL("/console/changes/" + planned.change, url).href);
    const approve = page.getByRole("button", { name: /^Approve/ });
    if (policy === "self.yaml") {
      await picture(page, "console-local");
      await approve.click();
      await page.locator(".note.good").first().waitFor({ timeout: 60_000 });
      assert.equal((await call(client, "get_change", { change: planned.change, limit: 1 })).structuredContent.status, "applied");
    } else {
      assert.equal(await approve.count(), 0, "the code from the terminal approves without self_approval");
      assert.equal((await call(client, "get_change", { change: planned.change, limit: 1 })).structuredContent.status, "awaiting");
    }
    await page.close();
    child.kill("SIGTERM");
    await client.close();
  }
}
