// The view of a change, in a host that the ext-apps package makes, on a real server.
import assert from "node:assert/strict";

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { build } from "esbuild";

import { accessible, fits, picture, screens, tabbed } from "./browser.mjs";

export const extension = { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } };
const uri = "ui://intercom-mcp/change";
const free = { where: [{ field: "custom_attributes.plan", operator: "=", value: "trial" }], set: { custom_attributes: { plan: "free" } } };

// connect starts a server with an Intercom of its own, and a client that shows views.
async function connect(bin, mode, ...flags) {
  const client = new Client({ name: "host", version: "1" }, { capabilities: { extensions: extension }, versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport({ command: bin, args: ["stdio", "--sandbox", ...flags], stderr: "pipe" }));
  return client;
}

// stage is a page with the host, and what the view asks it for.
async function stage(browser, client, options = {}) {
  const page = await browser.newPage({ viewport: screens.phone, ...options });
  const asked = { calls: [], links: [], told: [], errors: [] };
  page.on("pageerror", (error) => asked.errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && asked.errors.push(message.text()));
  await page.exposeFunction("hostCalls", (params) => (asked.calls.push(params), client.callTool(params)));
  await page.exposeFunction("hostOpens", (url) => void asked.links.push(url));
  await page.exposeFunction("hostTellsModel", (params) => void asked.told.push(params));
  await page.setContent('<!doctype html><html lang="en"><title>host</title><main></main>');
  const { outputFiles } = await build({ entryPoints: ["host.mjs"], bundle: true, format: "esm", write: false });
  await page.addScriptTag({ content: outputFiles[0].text, type: "module" });
  const html = (await client.readResource({ uri })).contents[0].text;
  const show = async (result, capabilities = { serverTools: {}, openLinks: {}, updateModelContext: { text: {} } }, context = {}) => {
    await page.waitForFunction(() => globalThis.showView);
    await page.evaluate((args) => globalThis.showView(...args), [html, capabilities, context, result]);
    return (await page.$("iframe")).contentFrame();
  };
  return { page, asked, show };
}

const call = (client, name, args) => client.callTool({ name, arguments: args });

// views runs all checks.
export async function views(report, browser, bin) {
  for (const mode of ["legacy", { pin: "2026-07-28" }]) {
    const era = mode === "legacy" ? "session" : "sessionless";
    const client = await report.check(`view, ${era}: connect`, () => connect(bin, mode));
    if (!client) continue;
    await report.check(`view, ${era}: named by every tool that answers with a change`, () => named(client));
    await report.check(`view, ${era}: shows a plan, confirms it, follows it to the end`, () => confirms(browser, client));
    await report.check(`view, ${era}: follows what another began`, () => follows(browser, client));
    await client.close();
  }
  const client = await connect(bin, "legacy");
  await report.check("view: not named where the client shows none", () => unnamed(bin));
  await report.check("view: no button where the host calls no tools", () => without(browser, client));
  await report.check("view: text of customers stays text", () => hostile(browser, client));
  await report.check("view: fits a phone, keyboard and screen reader in both schemes", () => usable(browser, client));
  await client.close();
  await report.check("view: a yes in it counts for the user where the policy says so, but for what cannot be undone", () => raised(browser, bin));
}

async function named(client) {
  const { tools } = await client.listTools();
  for (const tool of tools) {
    const writes = !tool.annotations.readOnlyHint || tool.name === "get_change";
    assert.equal(tool._meta?.ui?.resourceUri, writes ? uri : undefined, tool.name);
  }
  assert.deepEqual(tools.find(({ name }) => name === "confirm_in_view")._meta.ui.visibility, ["app"]);
  const { resources } = await client.listResources();
  assert.deepEqual(resources.map((each) => [each.uri, each.mimeType]), [[uri, "text/html;profile=mcp-app"]]);
}

async function unnamed(bin) {
  const client = new Client({ name: "plain", version: "1" }, { capabilities: {}, versionNegotiation: { mode: "legacy" } });
  await client.connect(new StdioClientTransport({ command: bin, args: ["stdio", "--sandbox"], stderr: "pipe" }));
  const { tools } = await client.listTools();
  assert.deepEqual(tools.filter((tool) => tool._meta || tool.name === "confirm_in_view"), []);
  await assert.rejects(call(client, "confirm_in_view", { change: "chg_00000000000000000000000000" }));
  await client.close();
}

async function confirms(browser, client) {
  const { page, asked, show } = await stage(browser, client);
  const planned = await call(client, "bulk_update_contacts", free);
  assert.equal(planned.structuredContent.status, "awaiting");
  const view = await show(planned);
  assert.match(await view.locator("h1").textContent(), /^Update \d+ contacts/);
  assert.ok(await view.locator(".rows li").count() > 5);
  assert.ok((await view.locator("ins").allTextContents()).every((text) => text === '"free"'));
  await view.getByRole("button", { name: "Confirm" }).click();
  await view.getByText("Done", { exact: true }).waitFor();
  assert.equal(asked.calls[0].name, "confirm_in_view");
  assert.equal(asked.told.length, 1);
  const { structuredContent: now } = await call(client, "get_change", { change: planned.structuredContent.change });
  assert.equal(now.status, "applied");
  assert.match(now.approved, /^agent/);
  assert.deepEqual(asked.errors, []);
  await page.evaluate(() => globalThis.endView());
  await page.close();
}

// follows has the view follow a change that somebody else has begun.
async function follows(browser, client) {
  const { page, asked, show } = await stage(browser, client);
  const everybody = { where: [{ field: "role", operator: "=", value: "user" }], set: { custom_attributes: { plan: "pro" } } };
  const { structuredContent: planned } = await call(client, "bulk_update_contacts", everybody);
  const ended = call(client, "confirm_change", { change: planned.change });
  let now;
  do now = await call(client, "get_change", { change: planned.change, limit: 1 });
  while (now.structuredContent.status === "awaiting");
  const view = await show(now);
  await view.getByText("Done", { exact: true }).waitFor();
  if (now.structuredContent.status === "applying") assert.equal(asked.calls[0].name, "get_change");
  assert.equal((await ended).structuredContent.status, "applied");
  await page.close();
}

async function without(browser, client) {
  const { page, asked, show } = await stage(browser, client);
  const view = await show(await call(client, "bulk_update_contacts", { ...free, set: { custom_attributes: { plan: "pro" } }, where: [{ field: "role", operator: "=", value: "lead" }], preview: true }), {});
  await view.getByText("Waits for a yes").waitFor();
  assert.equal(await view.getByRole("button").count(), 0);
  assert.deepEqual(asked, { calls: [], links: [], told: [], errors: [] });
  await page.close();
}

async function hostile(browser, client) {
  const name = "<img src=x><script>a()</script>\u202eevil";
  const { page, asked, show } = await stage(browser, client);
  const made = await call(client, "create_contact", { set: { email: "hostile@acme.example", name } });
  const view = await show(made);
  await view.getByText("Done", { exact: true }).waitFor();
  const planned = await call(client, "update_contact", { contact: made.structuredContent.created, set: { name: "plain" }, preview: true });
  const again = await show(planned);
  await again.getByText("Waits for a yes").waitFor();
  assert.match(await again.locator("del").textContent(), /^"<img src=x><script>.*<U\+202E>evil"/);
  assert.equal(await again.locator("img, script:not(:last-of-type)").count(), 0);
  assert.deepEqual(await again.getByRole("button").allTextContents(), ["Confirm"]);
  assert.equal(await page.evaluate(() => globalThis.hurt), undefined);
  assert.deepEqual(asked.errors, []);
  await page.close();
}

async function usable(browser, client) {
  const planned = await call(client, "bulk_update_contacts", { ...free, where: [{ field: "custom_attributes.plan", operator: "=", value: "starter" }], preview: true });
  for (const theme of ["light", "dark"]) {
    const { page, show } = await stage(browser, client, { colorScheme: theme });
    const view = await show(planned, { serverTools: {} }, { theme });
    await view.getByRole("button", { name: "Confirm" }).waitFor();
    await fits(view);
    await accessible(view);
    assert.deepEqual((await tabbed(page, view)).slice(0, 2), ["What changes, by contact", "Confirm"]);
    await picture(page, `view-${theme}`);
    await page.close();
  }
}

// approver looks at a change that waits for one, on a server that has a console at an address.
export async function approver(browser, client, base) {
  const { page, asked, show } = await stage(browser, client);
  const planned = await call(client, "bulk_update_contacts", free);
  assert.equal(planned.structuredContent.status, "awaiting", JSON.stringify(planned));
  const view = await show(planned);
  await view.getByText("Waits for a yes").waitFor();
  assert.deepEqual(await view.getByRole("button").allTextContents(), ["Open in console"]);
  assert.equal(await view.locator("code").textContent(), planned.structuredContent.code);
  await picture(page, "view-approver");
  await view.getByRole("button", { name: "Open in console" }).click();
  await page.waitForTimeout(100);
  assert.deepEqual(asked.links, [planned.structuredContent.link]);
  assert.ok(asked.links[0].startsWith(base + "/console/"), asked.links[0]);
  const forced = await call(client, "confirm_in_view", { change: planned.structuredContent.change });
  assert.equal(forced.structuredContent?.status, "awaiting", JSON.stringify(forced));
  await page.close();
}

async function raised(browser, bin) {
  const client = await connect(bin, "legacy", "--mode", "full", "--policy", "views.yaml");
  const { page, show } = await stage(browser, client);
  const planned = await call(client, "bulk_update_contacts", free);
  const refused = await call(client, "confirm_change", { change: planned.structuredContent.change });
  assert.ok(refused.isError, "the model confirmed at level user");
  const view = await show(planned);
  await view.getByRole("button", { name: "Confirm" }).click();
  await view.getByText("Done", { exact: true }).waitFor();
  const { structuredContent: now } = await call(client, "get_change", { change: planned.structuredContent.change });
  assert.match(now.approved, /^user by view/);
  const made = await call(client, "create_contact", { set: { email: "to-delete@acme.example" } });
  const gone = await call(client, "delete_contacts", { contacts: [made.structuredContent.created] });
  assert.equal(gone._meta["intercom-mcp/error"].code, "approval_unavailable");
  await page.close();
  await client.close();
}
