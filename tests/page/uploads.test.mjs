// Larger pictures, which go through S3. GLITCH_S3_URL is its address, GLITCH_BIN the command line.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  axe, decoded, desktop, download, fixture, home, nineDrawn, noComplaints, on, phone, pick, provoked, redrawn,
  screenshot, shown, storage, told,
} from "./browser.mjs";

const LARGE = "cat.png"; // Too large for a request to this server; portrait.jpg is not.

const button = (page, name) => page.getByRole("button", { name, exact: true });

/** What the page asks for from now on, by kind. */
function watched(page) {
  const asked = { direct: [], forms: [], again: [], sent: [], results: [] };
  page.on("request", (request) => {
    const { origin, pathname, searchParams } = new URL(request.url());
    if (origin === storage) return void (request.method() === "POST" && asked.sent.push(request.url()));
    if (request.method() === "POST" && pathname === "/") asked.direct.push(request.url());
    if (pathname === "/uploads") asked[searchParams.has("of") ? "again" : "forms"].push(searchParams);
    if (pathname.startsWith("/results/")) asked.results.push(pathname);
  });
  return asked;
}

const counts = ({ direct, forms, again, sent }) => [direct, forms, again, sent].map((list) => list.length);

/** Removes an object, as the bucket's lifecycle would. */
function remove(path) {
  const owner = ["--user", "test:test", "--aws-sigv4", "aws:amz:us-east-1:s3"];
  execFileSync("curl", ["-sS", "--fail", "--noproxy", "*", ...owner, "-X", "DELETE", `${storage}/${path}`]);
}

/** What the command line makes of it. */
function made(name, { recipe, seed }) {
  const folder = mkdtempSync(join(tmpdir(), "glitch-"));
  try {
    const out = join(folder, "out");
    execFileSync(process.env.GLITCH_BIN, [fixture(name), "--recipe", recipe, "--seed", seed, "-o", out], { stdio: "pipe" });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A picture with so much behind its end that it takes long to send. */
function heavy() {
  const buffer = Buffer.concat([readFileSync(fixture("portrait.jpg")), Buffer.alloc(24 << 20)]);
  return { name: "heavy.jpg", mimeType: "image/jpeg", buffer };
}

/** From now on the page sends so many bytes a second; -1: as many as it can. */
async function slowDown(page) {
  const session = await page.context().newCDPSession(page);
  const pace = (uploadThroughput) => session.send("Network.emulateNetworkConditions",
    { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await pace(500_000);
  return () => pace(-1);
}

const sending = (page) => page.waitForFunction(() => {
  const { value, hidden } = document.getElementById("progress");
  return !hidden && value > 0.02 && value < 1;
});

const fault = async (page) => {
  await page.waitForSelector("#fault p");
  return page.innerText("#fault");
};

/** Not `times: 1`: that turns interception off with the last route, and once a request of about that moment was told to nobody; that one led to the other is a guess. */
function once(page, pattern, act) {
  let isFirst = true;
  return page.route(pattern, (route) => {
    if (!isFirst) return route.fallback();
    isFirst = false;
    return act(route);
  });
}

const abortOnce = (page, pattern) => once(page, pattern, (route) => route.abort());
const refuseOnce = (page, pattern, answer) => once(page, pattern, (route) => route.fulfill(answer));

const xml = (status, code, more) => ({
  status,
  headers: { "Access-Control-Allow-Origin": "*", "Content-Type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>${more}<RequestId>1</RequestId></Error>`,
});

/* ---- The way of a larger picture ---- */

on("a larger picture goes through S3 by itself", { query: "?seed=7" }, async (page) => {
  assert.notEqual(storage, new URL(home).origin);
  const asked = watched(page);
  await pick(page, LARGE);
  assert.deepEqual(counts(asked), [0, 1, 0, 1]);
  const plates = await page.innerText("#top");
  for (const said of [LARGE, "112.6 kB →"]) assert.ok(plates.includes(said), plates);
  assert.match(plates, /\d+\.\d %/);
  assert.deepEqual(await told(page), { recipe: "classic", seed: "7" });
  const { name, bytes } = await download(page);
  assert.equal(name, "cat.glitched.png");
  assert.deepEqual(bytes, made(LARGE, await told(page)));
  assert.ok((await decoded(page)).different > 20);
  assert.ok(await page.isHidden("#copy-curl"));
  assert.ok(await page.isHidden("#busy"));
});

on("what fits still goes directly", {}, async (page) => {
  const asked = watched(page);
  await pick(page, "portrait.jpg");
  assert.deepEqual(asked.forms, []);
  assert.deepEqual(asked.sent, []);
  assert.ok(asked.direct.length > 0);
  assert.ok(await page.isVisible("#copy-curl"));
});

on("other recipes and seeds do not send it again", {}, async (page) => {
  const asked = watched(page);
  await pick(page, LARGE);
  await redrawn(page, () => page.click("#again"));
  await redrawn(page, () => page.click("#presets >> text=none"));
  await redrawn(page, () => button(page, "+ sort").click());
  await page.focus("#param-len");
  await redrawn(page, () => page.keyboard.press("PageUp"));
  await redrawn(page, () => button(page, "paeth").click());
  const now = await told(page);
  assert.match(now.recipe, /^sort:len=\d+,filter=paeth$/);
  assert.deepEqual((await download(page)).bytes, made(LARGE, now));
  await redrawn(page, () => page.click("#undo"));
  assert.match((await told(page)).recipe, /^sort:len=\d+$/);
  assert.deepEqual(counts(asked), [0, 1, 6, 1]);
});

on("what is drawn is told", {}, async (page) => {
  const asked = watched(page);
  await pick(page, LARGE);
  await redrawn(page, () => button(page, "random").click());
  const drawn = await told(page);
  assert.match(drawn.recipe, /^(?!random|classic|,)./);
  const { bytes } = await download(page);
  assert.deepEqual(bytes, made(LARGE, drawn));
  assert.deepEqual(bytes, made(LARGE, { recipe: "random", seed: drawn.seed }));
  assert.deepEqual(counts(asked), [0, 1, 1, 1]);
});

on("a seed of 64 bits keeps its digits", { query: "?seed=18446744073709551615" }, async (page) => {
  await pick(page, LARGE);
  assert.equal((await told(page)).seed, "18446744073709551615");
  assert.deepEqual((await download(page)).bytes, made(LARGE, await told(page)));
});

on("of many changes one is ordered, the newest", {}, async (page) => {
  await pick(page, LARGE);
  const asked = watched(page);
  await redrawn(page, () => page.evaluate(() => {
    const seed = document.getElementById("seed");
    for (const digits of ["1", "12", "123"]) {
      seed.value = digits;
      seed.dispatchEvent(new Event("input"));
    }
  }));
  assert.deepEqual(asked.again.map((query) => query.get("seed")), ["123"]);
  assert.equal((await told(page)).seed, "123");
});

on("what comes late is never shown", {}, async (page) => {
  await pick(page, LARGE);
  let letGo;
  const held = new Promise((done) => { letGo = done; });
  await once(page, "**/results/*", async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await Promise.all([page.waitForRequest("**/results/*"), page.fill("#seed", "1")]);
  await redrawn(page, () => page.fill("#seed", "2"));
  const picture = await shown(page);
  letGo();
  await redrawn(page, () => page.fill("#seed", "3"));
  assert.notEqual(await shown(page), picture);
  assert.deepEqual((await download(page)).bytes, made(LARGE, await told(page)));
  assert.equal((await told(page)).seed, "3");
});

on("nine variants are drawn on demand, and nothing is sent for them", {}, async (page) => {
  await pick(page, LARGE);
  const asked = watched(page);
  assert.ok(await page.isHidden("#strip"));
  await page.click("#draw-nine");
  await nineDrawn(page);
  assert.deepEqual(counts(asked), [0, 0, 9, 0]);
  const tile = page.locator("#strip button").nth(4);
  await redrawn(page, () => tile.click());
  assert.deepEqual((await download(page)).bytes, made(LARGE, await told(page)));
});

/* ---- While it is sent ---- */

on("sending tells how far it is, and can be cancelled", {}, async (page) => {
  const atFullSpeed = await slowDown(page);
  const asked = watched(page);
  await page.setInputFiles("#file", heavy());
  await sending(page);
  assert.match(await page.innerText("#busy-word"), /^Sending \d+ %$/);
  assert.match(await page.innerText("#status"), /^Sending (0|25|50|75) %$/);
  await Promise.all([
    page.waitForEvent("requestfailed", (request) => request.url().startsWith(storage)),
    page.click("#cancel"),
  ]);
  assert.match(await fault(page), /Cancelled/);
  assert.ok(await page.isHidden("#busy"));
  assert.deepEqual(asked.results, []);
  await atFullSpeed();
  await pick(page, LARGE);
});

on("a recipe that is changed meanwhile does not begin anew", { query: "?seed=7" }, async (page) => {
  const atFullSpeed = await slowDown(page);
  const asked = watched(page);
  await page.setInputFiles("#file", heavy());
  await sending(page);
  await page.click("#presets >> text=none");
  await button(page, "+ sort").click();
  await sending(page);
  await redrawn(page, atFullSpeed);
  assert.deepEqual(await told(page), { recipe: "sort", seed: "7" });
  assert.deepEqual(counts(asked), [0, 1, 1, 1]);
  assert.equal(asked.again[0].get("recipe"), "sort");
});

on("another picture takes the place of one that is being sent", {}, async (page) => {
  const atFullSpeed = await slowDown(page);
  await page.setInputFiles("#file", heavy());
  await sending(page);
  const broken = page.waitForEvent("requestfailed", (request) => request.url().startsWith(storage));
  await redrawn(page, async () => {
    await page.setInputFiles("#file", fixture(LARGE));
    await broken;
    await atFullSpeed();
  });
  assert.match(await page.innerText("#plates"), /cat\.png/);
});

/* ---- When it goes wrong ---- */

on("what has expired in S3 is sent again by itself", provoked, async (page) => {
  const asked = watched(page);
  const form = page.waitForResponse((answer) => answer.url().includes("/uploads?") && answer.status() === 201);
  await pick(page, LARGE);
  const { id } = await (await form).json();
  remove(`uploads/${id}`);
  await redrawn(page, () => page.click("#again"));
  assert.deepEqual(counts(asked), [0, 2, 1, 2]);
  assert.deepEqual((await download(page)).bytes, made(LARGE, await told(page)));
});

on("a broken picture is told with the byte, as the worker says", provoked, async (page) => {
  await pick(page, LARGE);
  const picture = await shown(page);
  const buffer = Buffer.from(readFileSync(fixture(LARGE)));
  buffer.fill(0, 20, 24);
  await page.setInputFiles("#file", { name: "broken.png", mimeType: "image/png", buffer });
  assert.match(await fault(page), /broken\.png: .*byte \d+.*0x0000/s);
  assert.equal(await shown(page), picture);
  assert.match(await page.innerText("#plates"), /cat\.png/);
});

on("a recipe that is none is told in words", provoked, async (page) => {
  await pick(page, LARGE);
  await page.fill("#text", "clasic");
  await page.waitForSelector("#fault p");
  assert.match(await page.innerText("#text-wrong"), /there is no pass `clasic`/);
});

on("a picture that is too large for S3 too is not sent", {}, async (page) => {
  const asked = watched(page);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(32_000_001)], "large.jpg"));
    document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
  });
  assert.match(await fault(page), /large\.jpg is too large.*at most 32\.0 MB/s);
  assert.deepEqual(counts(asked), [0, 0, 0, 0]);
});

on("what S3 refuses is told in words", provoked, async (page) => {
  const sizes = "<Message>Your proposed upload exceeds the maximum allowed size</Message>" +
    "<ProposedSize>112554</ProposedSize><MaxSizeAllowed>100000</MaxSizeAllowed>";
  await refuseOnce(page, `${storage}/**`, xml(400, "EntityTooLarge", sizes));
  await page.setInputFiles("#file", fixture(LARGE));
  assert.match(await fault(page), /cat\.png: The picture is too large.*at most 100\.0 kB/s);
  assert.equal(await button(page, "Try again").count(), 0);
  await refuseOnce(page, `${storage}/**`, xml(403, "AccessDenied", "<Message>Access Denied</Message>"));
  await page.setInputFiles("#file", fixture(LARGE));
  await page.getByText("AccessDenied: Access Denied").waitFor();
  await redrawn(page, () => button(page, "Try again").click());
});

on("a form that has expired is asked for anew", provoked, async (page) => {
  const asked = watched(page);
  const words = "<Message>Invalid according to Policy: Policy expired.</Message>";
  await refuseOnce(page, `${storage}/**`, xml(403, "AccessDenied", words));
  await pick(page, LARGE);
  assert.deepEqual(counts(asked), [0, 2, 0, 2]);
});

on("where S3 cannot be reached nothing is lost", provoked, async (page) => {
  await abortOnce(page, `${storage}/uploads/**`);
  await page.setInputFiles("#file", fixture(LARGE));
  assert.match(await fault(page), /The storage cannot be reached/);
  await redrawn(page, () => button(page, "Try again").click());
  await abortOnce(page, `${storage}/results/**`);
  await page.click("#again");
  assert.match(await fault(page), /The storage cannot be reached/);
  await redrawn(page, () => button(page, "Try again").click());
});

on("a network that breaks while it waits costs no second order", provoked, async (page) => {
  const asked = watched(page);
  await abortOnce(page, "**/results/*");
  await page.setInputFiles("#file", fixture(LARGE));
  assert.match(await fault(page), /The server cannot be reached/);
  await redrawn(page, () => button(page, "Try again").click());
  assert.deepEqual(counts(asked), [0, 1, 0, 1]);
});

on("what somebody else finds too large goes the other way", provoked, async (page) => {
  const asked = watched(page);
  // API Gateway's own words.
  await refuseOnce(page, "**/?recipe=*", { status: 413, json: { message: "Request Too Long" } });
  await pick(page, "portrait.jpg");
  await redrawn(page, () => page.click("#again"));
  assert.deepEqual(counts(asked), [1, 1, 1, 1]);
  assert.deepEqual((await download(page)).bytes, made("portrait.jpg", await told(page)));
});

on("a busy server is left alone for as long as it wants", { ...phone, ...provoked }, async (page) => {
  await refuseOnce(page, "**/uploads?*", { status: 503, headers: { "Retry-After": "1" }, json: {} });
  await page.setInputFiles("#file", fixture(LARGE));
  await page.locator("#busy-word", { hasText: "The server is busy: trying again in 1 s" }).waitFor();
  const { x, width } = await page.locator("#busy").boundingBox();
  assert.ok(x >= 0 && x + width <= 360, `from ${x}, ${width} wide`);
  await page.waitForFunction(() => document.getElementById("after").src);
});

on("a result is asked for when the server says", {}, async (page) => {
  await page.evaluate(() => {
    const { setTimeout } = globalThis;
    globalThis.waits = [];
    globalThis.setTimeout = (work, wait) => {
      waits.push(wait);
      return setTimeout(work, wait);
    };
  });
  await refuseOnce(page, "**/results/*", { status: 202, headers: { "Retry-After": "3" }, json: { status: "waiting" } });
  await pick(page, LARGE);
  assert.ok((await page.evaluate(() => waits)).includes(3000));
});

on("a result that never comes is not waited for for ever", provoked, async (page) => {
  await page.clock.install();
  await page.route("**/results/*", (route) => route.fulfill({ status: 202, json: { status: "waiting" } }));
  await page.setInputFiles("#file", fixture(LARGE));
  await page.waitForResponse("**/results/*");
  await page.clock.fastForward(700_000);
  assert.match(await fault(page), /The result did not come/);
  await page.unroute("**/results/*");
  await redrawn(page, () => button(page, "Try again").click());
});

/* ---- For everybody ---- */

for (const colorScheme of ["light", "dark"]) {
  for (const [device, size] of Object.entries({ desktop, phone })) {
    const options = { ...size, ...provoked, colorScheme, query: "?seed=44" };
    on(`${device}, ${colorScheme}: every state fits, and is for everybody`, options, async (page) => {
      const look = async (state) => {
        await screenshot(page, `uploads-${device}-${colorScheme}-${state}`);
        assert.deepEqual(await axe(page), [], state);
        const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= window, `${state}: ${wide} in ${window}`);
      };
      const atFullSpeed = await slowDown(page);
      await page.setInputFiles("#file", heavy());
      await page.waitForFunction(() => document.getElementById("progress").value > 0.1);
      await look("sending");
      let letGo;
      const held = new Promise((done) => { letGo = done; });
      await page.route("**/results/*", async (route) => {
        await held;
        await route.continue();
      });
      await Promise.all([page.waitForRequest("**/results/*"), atFullSpeed()]);
      assert.equal(await page.innerText("#busy-word"), "Glitching");
      assert.equal(await page.innerText("#status"), "Glitching");
      assert.ok(await page.isHidden("#progress"));
      await look("waiting");
      await redrawn(page, letGo);
      await page.waitForFunction(() => document.getElementById("busy").hidden);
      await look("done");
      let breakOff;
      const asked = new Promise((done) => { breakOff = done; });
      await page.route("**/uploads?*", async (route) => {
        await asked;
        await route.abort();
      });
      await page.click("#again");
      await page.waitForSelector("#busy", { state: "visible" });
      await look("again");
      breakOff();
      assert.match(await fault(page), /cannot be reached/);
      await look("error");
    });
  }
}

noComplaints();
