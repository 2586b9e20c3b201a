// The whole run: the library's numbered version and its unstable one, each on
// a workspace of its own. Argument: the program.
import { strict as assert } from "node:assert";
import { IntercomClient } from "intercom-client";

import * as companies from "./companies.mjs";
import * as contacts from "./contacts.mjs";
import { watch } from "./coverage.mjs";
import { refusals } from "./errors.mjs";
import * as others from "./others.mjs";
import { Report } from "./report.mjs";
import { serveIntercom } from "./server.mjs";
import { unstable } from "./unstable.mjs";

const resources = ["admins", "companies", "contacts", "dataAttributes", "notes", "segments", "subscriptionTypes", "tags"];
// Methods about what the sandbox does not have: conversations, tickets, activity logs and writes of data attributes.
const elsewhere = /Conversation$|Ticket$|ActivityLogs$|^(create|update)DataAttribute$|^dataAttributes\.(create|update)$/;

const [bin] = process.argv.slice(2);
const report = new Report();

// on runs body with a client of a new workspace, and wants every method of
// the resources that pick finds in the client to have been called.
async function on(title, version, pick, body) {
  const server = await serveIntercom(bin, []);
  try {
    const client = new IntercomClient({ baseUrl: server.url, token: "sandbox", version, maxRetries: 0 });
    const { watched, missing } = watch(pick(client), resources, elsewhere);
    const check = (name, run) => report.check(`${title}: ${name}`, run);
    await check("nothing went wrong between the checks", () => body(check, watched, server));
    await check("every method was called", () => assert.deepEqual(missing(), []));
  } finally {
    await server.stop();
  }
}

await on("SDK 2.14", "2.14", (client) => client, async (check, client, server) => {
  await contacts.checks(check, client);
  await contacts.relations(check, client);
  await companies.checks(check, client);
  await others.checks(check, client);
  await refusals(check, server, bin);
});
await on("SDK unstable", "Unstable", (client) => client.unstable, unstable);
process.exitCode = report.close();
