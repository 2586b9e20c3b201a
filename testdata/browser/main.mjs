// The whole run: the view of a change in a host, and the console. Arguments: the program, and the tests' identity provider.
import { open } from "./browser.mjs";
import { consoles } from "./console.mjs";
import { Report } from "./report.mjs";
import { views } from "./view.mjs";

const [bin, idp] = process.argv.slice(2);
const report = new Report();
const browser = await open();
try {
  if (process.env.ONLY !== "console") await views(report, browser, bin);
  await consoles(report, browser, bin, idp);
} finally {
  await browser.close();
}
process.exitCode = report.close();
