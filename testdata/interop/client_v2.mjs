// The official TypeScript SDK v2: both eras, by its mode of negotiation.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

// opener returns an open, as client_v1.mjs has it, for the mode "legacy",
// "auto" or {pin: version}.
export function opener(mode) {
  return async (target, answer) => {
    const client = new Client(
      { name: "interop-v2", version: "1" },
      { capabilities: answer ? { elicitation: { form: {} } } : {}, versionNegotiation: { mode } },
    );
    if (answer) client.setRequestHandler("elicitation/create", ({ params }) => answer(params));
    const transport = target.url
      ? new StreamableHTTPClientTransport(new URL(target.url))
      : new StdioClientTransport({ ...target, stderr: "pipe" });
    let log = "";
    transport.stderr?.on("data", (chunk) => (log += chunk));
    await client.connect(transport);
    return {
      version: () => client.getNegotiatedProtocolVersion(),
      server: () => client.getServerVersion(),
      list: () => client.listTools(),
      call: (name, args, options) => client.callTool({ name, arguments: args }, options),
      log: () => log,
      close: () => client.close(),
    };
  };
}
