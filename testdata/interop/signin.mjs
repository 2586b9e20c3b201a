// The official TypeScript SDKs sign in at an identity provider: discovery, registration, PKCE, a call, a refused scope.
import assert from "node:assert/strict";

import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { freePort, serveAt, serveProvider, sleep } from "./server.mjs";

// person is a client's provider of tokens, with somebody at the browser who agrees to everything.
function person() {
  const kept = {};
  return {
    kept,
    redirectUrl: "http://127.0.0.1:1/back",
    clientMetadata: { client_name: "interop", redirect_uris: ["http://127.0.0.1:1/back"], grant_types: ["authorization_code"], response_types: ["code"], token_endpoint_auth_method: "none" },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => (kept.tokens = tokens),
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: (verifier) => (kept.verifier = verifier),
    state: () => "state",
    async redirectToAuthorization(url) {
      kept.asked = new URL(url);
      const answer = await fetch(url, { redirect: "manual" });
      kept.code = new URL(answer.headers.get("location")).searchParams.get("code");
    },
  };
}

// signIn connects, signs in where it is told to, and connects again.
async function signIn(kind, url, provider) {
  const open = () => ({ client: new kind.Client({ name: "interop", version: "1" }, { capabilities: {} }), transport: new kind.Transport(new URL(url), { authProvider: provider }) });
  const first = open();
  await assert.rejects(first.client.connect(first.transport));
  assert.ok(provider.kept.code, "nobody was sent to the identity provider");
  await first.transport.finishAuth(new URLSearchParams({ code: provider.kept.code, state: "state" }).get("code"));
  const { client, transport } = open();
  await client.connect(transport);
  return client;
}

// signin runs the whole: argument the program of the identity provider, and that under test.
export async function signin(report, bin, idp) {
  for (const kind of [
    { name: "SDK v1", Client: ClientV1, Transport: TransportV1 },
    { name: "SDK v2", Client: ClientV2, Transport: TransportV2 },
  ]) {
    for (const scope of ["", "openid", "openid contacts:read"]) {
      const port = await freePort();
      const base = `http://127.0.0.1:${port}`;
      const provider = await serveProvider(idp, `${base}/mcp`, scope);
      const server = await serveAt(bin, "http", port, "/mcp", ["--sandbox", "--issuer", provider.url, "--audience", `${base}/mcp`, "--public-url", base]);
      try {
        if (scope === "") {
          await report.check(`${kind.name} signs in by discovery, registration and PKCE, and calls`, async () => {
            const who = person();
            const client = await signIn(kind, server.url, who);
            assert.equal(who.kept.asked.searchParams.get("resource"), `${base}/mcp`);
            assert.match(who.kept.asked.searchParams.get("scope"), /contacts:read contacts:write/);
            const answer = await client.callTool({ name: "list_tags", arguments: {} });
            assert.ok(!answer.isError, JSON.stringify(answer));
            const written = await client.callTool({ name: "update_contact", arguments: { contact: "external_id:u-10001", set: { name: "Signed In" } } });
            const change = written.structuredContent.change;
            const shown = await client.callTool({ name: "get_change", arguments: { change } });
            assert.equal(shown.structuredContent.by, "Ann Lee <ann@x.example>");
            await client.close();
          });
        } else if (scope.includes("contacts:read")) {
          await report.check(`${kind.name} goes to ask for more scopes where its token is too narrow`, async () => {
            const who = person();
            const client = await signIn(kind, server.url, who);
            const { tools } = await client.listTools();
            assert.ok(tools.some((tool) => tool.name === "get_contact") && !tools.some((tool) => tool.name === "update_contact"));
            who.kept.asked = undefined;
            await assert.rejects(client.callTool({ name: "update_contact", arguments: { contact: "external_id:u-10001", set: { name: "No" } } }));
            assert.match(who.kept.asked.searchParams.get("scope"), /contacts:read contacts:write/);
            const answer = await client.callTool({ name: "get_contact", arguments: { contact: "external_id:u-10001" } });
            assert.ok(!answer.isError && answer.structuredContent.name !== "No", JSON.stringify(answer));
            await client.close();
          });
        } else {
          await report.check(`${kind.name} is refused without a scope`, async () => {
            await assert.rejects(signIn(kind, server.url, person()));
            for (let waited = 0; !/none of the scopes/.test(server.log()) && waited < 100; waited++) await sleep(50); // lines come late
            assert.match(server.log(), /none of the scopes/);
          });
        }
      } finally {
        await server.stop();
        await provider.stop();
      }
    }
  }
}
