// Servers of the program under test, as child processes on a port of their own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";

const startWithin = 10_000; // milliseconds

// serveMCP starts `BIN http`.
export function serveMCP(bin, flags) {
  return serve(bin, "http", "/mcp", flags);
}

// serveIntercom starts `BIN sandbox`: an Intercom with the given dials.
export function serveIntercom(bin, flags) {
  return serve(bin, "sandbox", "", flags);
}

// serve starts a subcommand and resolves once it accepts connections. The
// server has url, log(), which is what it wrote to standard error, and stop(),
// which resolves to how it ended.
async function serve(bin, command, path, flags) {
  return serveAt(bin, command, await freePort(), path, flags);
}

// serveAt is serve at a port.
export function serveAt(bin, command, port, path, flags) {
  return started(bin, [command, "--addr", `127.0.0.1:${port}`, "--log-format", "json", ...flags], port, path);
}

// serveProvider starts the identity provider of the tests, whose tokens are for an audience, and have a scope if it is
// not empty.
export async function serveProvider(idp, audience, scope) {
  const port = await freePort();
  return started(idp, [`127.0.0.1:${port}`, audience, ...(scope ? [scope] : [])], port, "");
}

// started starts a program that serves at a port.
export async function started(bin, args, port, path) {
  const child = spawn(bin, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (log += chunk));
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    const [code, signal] = await ended;
    return { code, signal };
  };
  const deadline = Date.now() + startWithin;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${args[0]} does not serve: ${log}`);
    }
    await sleep(20);
  }
  return { url: `http://127.0.0.1:${port}${path}`, log: () => log, stop };
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// accepts reports whether something listens on port.
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => resolve(false));
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
