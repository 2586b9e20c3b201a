// The whole run: the view of a change in a host. Arguments: the program, and the tests' identity provider.
import { open } from "./browser.mjs";
import { Report } from "./report.mjs";
import { views } from "./view.mjs";

const [bin] = process.argv.slice(2);
const report = new Report();
const browser = await open();
try {
  await views(report, browser, bin);
} finally {
  await browser.close();
}
process.exitCode = report.close();
