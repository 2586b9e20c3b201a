// The browser, and what it measures of any page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };

// The screens on which every page is looked at, in CSS pixels.
export const screens = { phone: { width: 360, height: 800 }, desktop: { width: 1280, height: 900 }, "4K": { width: 3840, height: 2160 } };

// open starts Chromium.
export function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
}

// fits fails where a frame has to be scrolled sideways.
export async function fits(frame) {
  const wide = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide`);
}

// accessible fails where axe-core finds that a frame breaks WCAG 2.2 AA, contrast included.
export async function accessible(frame) {
  await frame.evaluate(axe);
  const { violations } = await frame.evaluate((options) => globalThis.axe.run(document, options), rules);
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
  assert.deepEqual(found, []);
}

// tabbed presses Tab until the focus has been everywhere in a frame, and returns the texts or labels of where it was.
export async function tabbed(page, frame) {
  const seen = [];
  for (let i = 0; i < 100; i++) {
    await page.keyboard.press("Tab");
    const at = await frame.evaluate(() => {
      const on = document.activeElement;
      return on && on !== document.body ? on.getAttribute("aria-label") ?? (on.textContent.trim() || on.name) : "";
    });
    if (at === "" && seen.length > 0 || seen.includes(at)) break;
    if (at !== "") seen.push(at);
  }
  return seen;
}

// picture keeps what a page looks like.
export function picture(page, name) {
  return page.screenshot({ path: `pictures/${name}.png`, fullPage: true });
}
