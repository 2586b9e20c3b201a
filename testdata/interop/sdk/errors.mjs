// What the library makes of refusals.
import { strict as assert } from "node:assert";
import { Intercom, IntercomClient, IntercomError } from "intercom-client";

import { refused } from "./contacts.mjs";
import { serveIntercom } from "./server.mjs";

// refusals provokes errors of the server, and of one of BIN's own with a
// small rate limit.
export async function refusals(check, server, bin) {
  const open = (options) => new IntercomClient({ baseUrl: server.url, token: "sandbox", version: "2.14", maxRetries: 0, ...options });
  await check("no token is an UnauthorizedError", async () => {
    const { err, code } = await refused(open({ token: " " }).admins.list(), 401);
    assert.ok(err instanceof Intercom.UnauthorizedError && err instanceof IntercomError);
    assert.match(code, /^(unauthorized|missing_authorization)$/);
    assert.equal(err.rawResponse.headers.get("x-ratelimit-limit"), null);
  });
  await check("a missing contact is a NotFoundError", async () => {
    const { err, code } = await refused(open().notes.list({ contact_id: "ffffffffffffffffffffffff" }), 404);
    assert.ok(err instanceof Intercom.NotFoundError);
    assert.equal(code, "not_found");
    assert.match(err.body.request_id, /^[0-9a-f-]{36}$/);
    assert.equal(err.rawResponse.headers.get("x-ratelimit-limit"), "1667");
  });
  await check("a bad search is a BadRequestError", async () => {
    const { err, code } = await refused(open().contacts.search({ query: { field: "nothing", operator: "=", value: "1" } }), 400);
    assert.ok(err instanceof IntercomError);
    assert.equal(code, "invalid_field");
  });
  await check("an unknown version is refused", async () => {
    const { code } = await refused(open({ version: "2.99" }).admins.identify(), 400);
    assert.equal(code, "intercom_version_invalid");
  });
  const small = await serveIntercom(bin, ["--rate-limit", "1"]);
  try {
    const limited = (maxRetries) => open({ baseUrl: small.url, maxRetries }).tags.list();
    await check("a full rate window is a 429, which the library waits out", async () => {
      // A window may end among two calls, not among three.
      const outcomes = await Promise.allSettled([limited(0), limited(0), limited(0)]);
      const rejected = outcomes.find((outcome) => outcome.status === "rejected");
      const { err, code } = await refused(Promise.reject(rejected?.reason), 429);
      assert.equal(code, "rate_limit_exceeded");
      assert.match(err.rawResponse.headers.get("x-ratelimit-reset"), /^\d+$/);
      assert.equal((await limited(2)).type, "list");
    });
  } finally {
    await small.stop();
  }
}
