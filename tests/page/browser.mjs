// A browser whose pages are watched: what they complain of, and whom they talk to.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

export const home = process.env.GLITCH_PAGE_URL?.replace(/\/?$/, "/");
if (!home) throw new Error("GLITCH_PAGE_URL tells where the page is");

/** Where larger pictures go, if anywhere. */
export const storage = process.env.GLITCH_S3_URL && new URL(process.env.GLITCH_S3_URL).origin;

const root = new URL("../../", import.meta.url);
export const fixture = (name) => new URL(`fixtures/${name}`, root).pathname;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const desktop = { viewport: { width: 1440, height: 900 } };
export const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Everything that any page said or did that it should not have. */
const complaints = [];

/** Where the test makes the server refuse something, of which Chromium tells. */
export const provoked = { watching: { provoked: true } };

export let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A test with a page of its own. */
export function on(name, options, work) {
  test(name, async () => {
    const page = await visit(options);
    try {
      await work(page);
    } finally {
      await page.context().close();
    }
  });
}

/** The last test of a file. */
export function noComplaints() {
  test("no page complained, broke the policy or talked to another host", () => {
    assert.deepEqual(complaints, []);
  });
}

function program() {
  const asked = process.env.GLITCH_CHROMIUM;
  if (asked) return asked;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "chromium")).find(existsSync);
}

function launch() {
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: program(), args });
}

function watch(context, { provoked = false }) {
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    const inside = [new URL(home).origin, storage].includes(origin) || ["blob:", "data:"].includes(protocol);
    if (!inside) complaints.push(`request to ${request.url()}`);
  });
  context.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    // Chromium tells every answer that is an error, also one that was asked for.
    if (provoked && message.text().startsWith("Failed to load resource")) return;
    complaints.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`script: ${error.error()}`));
}

/** A page that is ready to take a picture. `query` starts with a question mark. */
export async function visit({ query = "", watching = {}, ...options } = {}) {
  const context = await browser.newContext({ ...desktop, ...options });
  watch(context, watching);
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`the policy forbids ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(home + query);
  await page.waitForSelector("#presets button");
  return page;
}

/** The picture that is shown: another word for it, which changes with every new one. */
export const shown = (page) => page.getAttribute("#after", "src");

/** Does `act`, and waits until another picture is on the stage. */
export async function redrawn(page, act) {
  const before = await shown(page);
  await act();
  await page.waitForFunction((old) => {
    const { src } = document.getElementById("after");
    return src && src !== old;
  }, before);
}

/** All nine variants are there. */
export const nineDrawn = (page) => page.waitForFunction(() =>
  document.querySelectorAll("#strip:not(.old) [aria-busy=false]").length === 9);

export const pick = (page, name) => redrawn(page, () => page.setInputFiles("#file", fixture(name)));

/** Recipe and seed, as the page shows them. */
export async function told(page) {
  return { recipe: await page.inputValue("#text"), seed: await page.inputValue("#seed") };
}

/** The picture as the server gives it for what the page shows. */
export async function direct(name, { recipe, seed }) {
  const address = `${home}?${new URLSearchParams({ recipe, seed })}`;
  const answer = await fetch(address, { method: "POST", body: readFileSync(fixture(name)) });
  return Buffer.from(await answer.arrayBuffer());
}

/** The picture that can be downloaded, as the browser decodes it. */
export async function decoded(page) {
  const href = await page.getAttribute("#download", "href");
  return page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext("2d").drawImage(image, 0, 0);
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return { width: image.naturalWidth, height: image.naturalHeight, different: new Set(data).size };
  }, href);
}

/** Saves the download and reads it. */
export async function download(page) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** What a screen reader's advocate finds wrong. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html).join(" ")}`);
}

export async function screenshot(page, name) {
  const folder = process.env.GLITCH_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
