// The official TypeScript SDK v1: the handshake era only.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

// open connects a client to target, {command, args} or {url}. Its user answers
// questions with answer(params); without it the client declares that it has
// nobody to ask.
export async function open(target, answer) {
  const client = new Client(
    { name: "interop-v1", version: "1" },
    { capabilities: answer ? { elicitation: {} } : {} },
  );
  if (answer) client.setRequestHandler(ElicitRequestSchema, ({ params }) => answer(params));
  const transport = target.url
    ? new StreamableHTTPClientTransport(new URL(target.url))
    : new StdioClientTransport({ ...target, stderr: "pipe" });
  let log = "";
  transport.stderr?.on("data", (chunk) => (log += chunk));
  // The client tells the version it agreed on to nobody but its transport.
  let version;
  const tell = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (agreed) => {
    version = agreed;
    tell?.(agreed);
  };
  await client.connect(transport);
  return {
    version: () => version,
    server: () => client.getServerVersion(),
    list: () => client.listTools(),
    call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
    log: () => log,
    close: () => client.close(),
  };
}
