// A host of MCP Apps, made of the ext-apps package's own bridge. It runs in the page; view.mjs drives it by showView.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

// The policy of content that a host gives a view which asks for none.
const contentPolicy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">`;

globalThis.showView = async (html, capabilities, hostContext, result) => {
  document.body.replaceChildren();
  const frame = document.createElement("iframe");
  frame.title = "view";
  frame.sandbox = "allow-scripts";
  frame.style = "border: 0; width: 100%; height: 100vh";
  const bridge = new AppBridge(null, { name: "host", version: "1" }, capabilities, { hostContext });
  bridge.oncalltool = (params) => globalThis.hostCalls(params);
  bridge.onopenlink = async ({ url }) => (await globalThis.hostOpens(url), {});
  bridge.onupdatemodelcontext = async (params) => (await globalThis.hostTellsModel(params), {});
  bridge.onsizechange = ({ height }) => (frame.style.height = `${height}px`);
  const initialized = new Promise((resolve) => (bridge.oninitialized = resolve));
  frame.srcdoc = html.replace("<html lang=\"en\">", (tag) => tag + contentPolicy);
  document.body.append(frame);
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  await initialized;
  await bridge.sendToolInput({ arguments: {} });
  await bridge.sendToolResult(result);
  globalThis.changeHost = (context) => bridge.setHostContext({ ...hostContext, ...context });
  globalThis.endView = () => bridge.teardownResource({});
};
