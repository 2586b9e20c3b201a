// What a client of the SDK does all day, and what it must see: reads, writes
// that a user accepts, declines or cannot be asked about, progress, an abort,
// mistakes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { assertAnswer, assertToolError } from "./inspector.mjs";
import { serveIntercom, serveMCP, sleep } from "./server.mjs";

const onTrial = [{ field: "custom_attributes.plan", operator: "=", value: "trial" }];

// user answers the questions of a server and remembers them.
function user(answer) {
  const asked = [];
  return { asked, answer: (params) => (asked.push(params), answer) };
}

const accepts = () => user({ action: "accept", content: { confirm: true } });
const declines = () => user({ action: "decline" });
const leavesUnticked = () => user({ action: "accept", content: { confirm: false } });

// work runs all the checks for a client on a transport. On HTTP the sessions
// share one server, and with it the workspace and the principal: they write to
// different contacts, and the one that writes to many comes last, because the
// policy counts what a principal wrote lately.
export async function work(report, bin, names, client, transport) {
  const server = transport === "http" ? await serveMCP(bin, ["--sandbox"]) : undefined;
  const target = server ? { url: server.url } : { command: bin, args: ["stdio", "--sandbox"] };
  const label = `${client.name} ${transport}`;
  const session = (title, who, body) => connected(report, `${label}, ${title}`, () => client.open(target, who?.answer), body);

  await session("no user", undefined, (c, check) => withoutUser(c, check));
  const no = declines();
  await session("user declines", no, (c, check) => declined(c, check, no));
  const unticked = leavesUnticked();
  await session("user leaves the box unticked", unticked, (c, check) => notTicked(c, check, unticked));
  const yes = accepts();
  await session("user accepts", yes, async (c, check) => {
    await reads(c, check, names, client.version);
    await mistakes(c, check);
    await accepted(c, check, yes);
    await bulk(c, check, yes);
  });
  if (server) {
    await report.check(`${label}: the server ends on SIGTERM`, async () => {
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
    });
  }
  await abort(report, bin, client, transport);
}

// connected opens a client, hands it to body with a check that names it, and
// closes it.
async function connected(report, label, open, body) {
  const client = await report.check(`${label}: connect`, open);
  if (!client) return;
  await body(client, (name, run) => report.check(`${label}: ${name}`, run));
  await report.check(`${label}: close`, () => client.close());
}

// answer calls a tool and returns its structured content.
async function answer(client, tool, args, options) {
  const result = await client.call(tool, args, options);
  assertAnswer(result);
  return result.structuredContent;
}

const field = async (client, contact, name) => (await answer(client, "get_contact", { contact }))[name];

async function reads(client, check, names, version) {
  await check("agree on the protocol", () => {
    assert.equal(client.version(), version);
    assert.equal(client.server().name, "intercom-mcp");
  });
  await check("tools/list", async () => {
    const { tools } = await client.list();
    assert.deepEqual(tools.map((tool) => tool.name), names);
    for (const tool of tools) {
      assert.equal(tool.inputSchema.type, "object");
      assert.equal(tool.outputSchema.type, "object");
      assert.equal(typeof tool.annotations.readOnlyHint, "boolean");
    }
  });
  const rows = await check("search, page by page", async () => {
    const query = { where: onTrial, limit: 50 };
    const found = [];
    for (let cursor; found.length === 0 || cursor; ) {
      const page = await answer(client, "search_contacts", cursor ? { ...query, cursor } : query);
      assert.ok(page.rows.length > 0, "an empty page");
      found.push(...page.rows);
      cursor = page.next_cursor;
      if (!cursor) assert.equal(found.length, page.total);
    }
    assert.equal(new Set(found.map(([id]) => id)).size, found.length);
    assert.ok(found.length > 250, `${found.length} rows`);
    return found;
  });
  await check("get one of them", async () => {
    const contact = await answer(client, "get_contact", { contact: rows[0][0] });
    assert.equal(contact.id, rows[0][0]);
    assert.equal(contact.custom_attributes.plan, "trial");
  });
  await check("twenty calls at once", async () => {
    const some = rows.slice(0, 20).map(([id]) => id);
    const got = await Promise.all(some.map((contact) => answer(client, "get_contact", { contact })));
    assert.deepEqual(got.map(({ id }) => id), some);
  });
}

async function mistakes(client, check) {
  await check("unknown tool", async () => {
    await assert.rejects(client.call("drop_contacts", {}), (err) => err.code === -32602);
  });
  await check("bad arguments", async () => {
    const args = { limit: "many", wher: [] };
    assertToolError(await client.call("search_contacts", args), "invalid_argument");
  });
  await check("a contact that there is not", async () => {
    assertToolError(await client.call("get_contact", { contact: "no.one@acme.example" }), "not_found");
  });
  await check("a note without a body", async () => {
    assertToolError(await client.call("add_note", { contact: "external_id:u-10001" }), "invalid_argument");
  });
}

// withoutUser has a client that declares no elicitation: it is never asked,
// and its agent confirms.
async function withoutUser(client, check) {
  const contact = "external_id:u-10003";
  const before = await check("the change waits", async () => {
    const email = await field(client, contact, "email");
    const plan = await answer(client, "update_contact", { contact, set: { email: "quiet@acme.example" } });
    assert.equal(plan.status, "awaiting");
    assert.match(plan.preview, /quiet@acme\.example/);
    assert.equal(await field(client, contact, "email"), email);
    return { email, change: plan.change };
  });
  await check("confirm_change applies it", async () => {
    const receipt = await answer(client, "confirm_change", { change: before.change });
    assert.equal(receipt.status, "applied");
    assert.equal(await field(client, contact, "email"), "quiet@acme.example");
  });
  await check("once: the receipt again, no second write", async () => {
    const back = await answer(client, "update_contact", { contact, set: { email: before.email } });
    assert.equal((await answer(client, "confirm_change", { change: back.change })).status, "applied");
    assert.equal((await answer(client, "confirm_change", { change: before.change })).status, "applied");
    assert.equal(await field(client, contact, "email"), before.email);
  });
}

async function declined(client, check, { asked }) {
  const contact = "external_id:u-10004";
  const set = { email: "declined@acme.example" };
  await check("nothing changes", async () => {
    const email = await field(client, contact, "email");
    assert.equal((await answer(client, "update_contact", { contact, set })).status, "declined");
    assert.equal(asked.length, 1);
    assert.equal(await field(client, contact, "email"), email);
  });
  await check("the same again is refused without asking", async () => {
    assertToolError(await client.call("update_contact", { contact, set }), "policy_denied");
    assert.equal(asked.length, 1);
  });
}

async function notTicked(client, check, { asked }) {
  await check("is neither a yes nor a no", async () => {
    const contact = "external_id:u-10005";
    const email = await field(client, contact, "email");
    const args = { contact, set: { email: "unticked@acme.example" } };
    const { change, status } = await answer(client, "update_contact", args);
    assert.equal(status, "awaiting");
    assert.equal((await answer(client, "confirm_change", { change })).status, "awaiting");
    assert.equal(asked.length, 2);
    assert.equal(await field(client, contact, "email"), email);
  });
}

async function accepted(client, check, { asked }) {
  const contact = "external_id:u-10001";
  const seats = async () => (await field(client, contact, "custom_attributes")).seats;
  await check("a small write is not asked about, and is undone", async () => {
    const before = await seats();
    const set = { custom_attributes: { seats: before + 1 } };
    const receipt = await answer(client, "update_contact", { contact, set });
    assert.equal(receipt.status, "applied");
    assert.equal(await seats(), before + 1);
    assert.equal((await answer(client, "undo_change", { change: receipt.change })).status, "applied");
    assert.equal(await seats(), before);
    assert.equal(asked.length, 0);
  });
  await check("an identity field is, and then written", async () => {
    const set = { email: "accepted@acme.example" };
    const receipt = await answer(client, "update_contact", { contact, set });
    assert.equal(receipt.status, "applied");
    assert.equal(asked.length, 1);
    assert.match(asked[0].message, /accepted@acme\.example/);
    assert.equal(asked[0].requestedSchema.properties.confirm.type, "boolean");
    assert.equal(await field(client, contact, "email"), "accepted@acme.example");
    assert.equal((await answer(client, "get_change", { change: receipt.change })).level, "user");
  });
}

// bulk changes more than 250 contacts and watches how it gets on.
async function bulk(client, check, { asked }) {
  const many = (await answer(client, "search_contacts", { where: onTrial, limit: 1 })).total;
  const before = asked.length;
  const seen = [];
  let over = false;
  let late = 0;
  await check(`bulk update of ${many} contacts`, async () => {
    const args = { where: onTrial, set: { custom_attributes: { plan: "free" }, add_tags: ["Onboarding"] } };
    const onprogress = (progress) => (over ? late++ : seen.push(progress));
    const receipt = await answer(client, "bulk_update_contacts", args, { onprogress, timeout: 60_000 });
    over = true;
    assert.equal(receipt.status, "applied");
    assert.equal(receipt.changed, many);
    assert.equal(asked.length, before + 1);
  });
  await check("progress on the way, rising, none afterwards", async () => {
    // SDK v2 reports its own rounds of questions too, without a total.
    const ours = seen.filter(({ total }) => total !== undefined);
    assert.ok(ours.length > 0, `progress: ${JSON.stringify(seen)}`);
    for (const [i, { progress, total }] of ours.entries()) {
      assert.equal(total, many);
      assert.ok(progress <= total && (i === 0 || progress > ours[i - 1].progress), JSON.stringify(ours));
    }
    assert.ok(ours.at(-1).progress > 0, "it never got on");
    await sleep(300);
    assert.equal(late, 0);
  });
  await check("Intercom shows it", async () => {
    assert.equal((await answer(client, "search_contacts", { where: onTrial })).total, 0);
  });
}

// abort gives up on a read while Intercom, which takes a minute for each
// answer, still has it. The server has to let go of it too.
async function abort(report, bin, client, transport) {
  const intercom = await serveIntercom(bin, ["--latency", "60s"]);
  // A file of its own: to find the one of the token's workspace the server would ask Intercom.
  const dir = mkdtempSync(join(tmpdir(), "interop-"));
  const flags = ["--base-url", intercom.url, "--token", "interop", "--state", join(dir, "state.db"), "--log-format", "json"];
  const server = transport === "http" ? await serveMCP(bin, flags) : undefined;
  const target = server ? { url: server.url } : { command: bin, args: ["stdio", ...flags] };
  const label = `${client.name} ${transport}, slow Intercom`;
  await connected(report, label, () => client.open(target), async (c, check) => {
    await check("an aborted read ends at once, at the server too", async () => {
      const controller = new AbortController();
      const call = c.call("get_contact", { contact: "external_id:u-10001" }, { signal: controller.signal });
      await sleep(200);
      controller.abort(new Error("not needed any more"));
      await assert.rejects(call, /not needed any more|abort/i);
      const log = server ? server.log : c.log;
      for (let tries = 0; !/"tool":"get_contact"/.test(log()); tries++) {
        assert.ok(tries < 100, `the server still works on it; its log: ${log()}`);
        await sleep(50);
      }
    });
    await check("the connection goes on", async () => {
      assertToolError(await c.call("get_change", { change: "chg_00000000000000000000000000" }), "not_found");
    });
  });
  await server?.stop();
  await intercom.stop();
  rmSync(dir, { recursive: true });
}
