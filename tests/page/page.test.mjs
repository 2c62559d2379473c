// The page, as somebody uses it. GLITCH_PAGE_URL is the address of the server.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  decoded, direct, download, fixture, home, nineDrawn, noComplaints, on, phone, pick, provoked, redrawn, shown, told,
  visit,
} from "./browser.mjs";

const pressed = (page, selector) => page.getAttribute(selector, "aria-pressed");
const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Hands files to the page the way a mouse or the clipboard does. */
function hand(page, { kind, name, as }) {
  const bytes = [...readFileSync(fixture(name))];
  return page.evaluate(({ kind, bytes, as }) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], as, { type: "image/jpeg" }));
    const options = { bubbles: true, cancelable: true };
    const event = kind === "paste"
      ? new ClipboardEvent("paste", { ...options, clipboardData: data })
      : new DragEvent(kind, { ...options, dataTransfer: data });
    return document.body.dispatchEvent(event);
  }, { kind, bytes, as });
}

/* ---- Ways in ---- */

test("the page is sent under a strict policy", async () => {
  const answer = await fetch(home, { headers: { accept: "text/html" } });
  assert.match(answer.headers.get("content-security-policy"), /default-src 'none'/);
});

on("a picked file is glitched, and what is known of it is shown", {}, async (page) => {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("#pick")]);
  await redrawn(page, () => chooser.setFiles(fixture("portrait.jpg")));
  const plates = await page.innerText("#top");
  for (const said of ["portrait.jpg", "512 × 512", "54.0 kB →"]) assert.ok(plates.includes(said), plates);
  assert.match(plates, /\d+\.\d %/);
  assert.equal(await page.title(), "portrait.jpg – glitch");
  assert.equal((await decoded(page)).width, 512);
});

on("a dropped file is glitched", {}, async (page) => {
  await hand(page, { kind: "dragover", name: "portrait.jpg", as: "dropped.jpg" });
  assert.ok(await page.isVisible("body.hover"));
  await redrawn(page, () => hand(page, { kind: "drop", name: "portrait.jpg", as: "dropped.jpg" }));
  assert.match(await page.innerText("#plates"), /dropped\.jpg/);
  assert.ok(await page.isHidden("body.hover"));
});

on("a pasted file is glitched", {}, async (page) => {
  await redrawn(page, () => hand(page, { kind: "paste", name: "portrait.jpg", as: "image.jpg" }));
  assert.match(await page.innerText("#plates"), /image\.jpg/);
});

on("the sample is glitched", {}, async (page) => {
  await redrawn(page, () => page.click("#sample"));
  assert.match(await page.innerText("#plates"), /sample\.jpg/);
});

on("a PNG stays a PNG, and has its settings", {}, async (page) => {
  await pick(page, "cat.png");
  assert.ok(await page.isVisible("[data-of=filter]") && await page.isHidden("[data-of=channels]"));
  await redrawn(page, () => button(page, "paeth").click());
  const { name, bytes } = await download(page);
  assert.equal(name, "cat.glitched.png");
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  const recipe = await told(page);
  assert.match(recipe.recipe, /filter=paeth/);
  assert.deepEqual(bytes, await direct("cat.png", recipe));
  await pick(page, "portrait.jpg");
  assert.ok(await page.isHidden("[data-of=filter]") && await page.isVisible("[data-of=channels]"));
});

on("another picture gets another seed, unless that is locked", { query: "?seed=7" }, async (page) => {
  await pick(page, "portrait.jpg");
  assert.equal((await told(page)).seed, "7");
  await page.click("#lock");
  await pick(page, "cat.png");
  assert.equal((await told(page)).seed, "7");
  await page.click("#lock");
  await pick(page, "portrait.jpg");
  assert.notEqual((await told(page)).seed, "7");
});

/* ---- The recipe ---- */

on("a preset, steps and their parameters change the picture", { query: "?seed=7" }, async (page) => {
  await pick(page, "portrait.jpg");
  assert.equal((await told(page)).recipe, "classic");
  await redrawn(page, () => page.click("#presets >> text=none"));
  assert.match(await page.innerText("#plates"), /Changed\s+0\.0 %/i);
  await redrawn(page, () => button(page, "+ sort").click());
  assert.equal((await told(page)).recipe, "sort");
  await page.focus("#param-len");
  await redrawn(page, () => page.keyboard.press("PageUp"));
  assert.match((await told(page)).recipe, /^sort:len=\d+$/);
  await redrawn(page, () => page.getByRole("spinbutton", { name: "len, exactly" }).fill("400"));
  assert.equal((await told(page)).recipe, "sort:len=400");
  await redrawn(page, () => button(page, "+ replace").click());
  await redrawn(page, () => page.click("#earlier"));
  assert.equal((await told(page)).recipe, "replace,sort:len=400");
  await redrawn(page, () => page.click("#remove"));
  assert.equal((await told(page)).recipe, "sort:len=400");
});

on("every parameter can be set to its ends and its default", {}, async (page) => {
  const { passes } = await (await fetch(`${home}recipes`)).json();
  await page.click("#presets >> text=none");
  for (const pass of passes) {
    const format = pass.format ? ` ${pass.format.toUpperCase()}` : "";
    await button(page, `+ ${pass.name}${format}`).click();
    // A pass for one format is not asked which it is for.
    const shown = pass.params.filter(({ name }) => name !== "on" || !pass.format);
    const controls = page.locator("#params > *");
    assert.equal(await controls.count(), shown.length, pass.name);
    for (const param of shown) {
      if (param.values) {
        const chips = page.locator(`[data-param=${param.name}]`);
        assert.deepEqual(await chips.allInnerTexts(), param.values);
        const pressed = page.locator(`[data-param=${param.name}][aria-pressed=true]`);
        assert.deepEqual(await pressed.allInnerTexts(), [param.default]);
        for (const value of param.values.toReversed()) {
          await chips.and(page.locator(`[value=${value}]`)).click();
          assert.deepEqual(await pressed.allInnerTexts(), [value]);
        }
        continue;
      }
      const slider = page.locator(`#param-${param.name}`);
      assert.equal(await slider.getAttribute("aria-valuetext"), String(param.default));
      await slider.press("End");
      assert.equal(await slider.getAttribute("aria-valuetext"), String(param.max));
      await slider.press("Home");
      assert.equal(await slider.getAttribute("aria-valuetext"), String(param.min));
    }
  }
});

on("a parameter that is a word changes the recipe", {}, async (page) => {
  await pick(page, "portrait.jpg");
  await redrawn(page, () => page.fill("#text", "sort:len=400:order=desc,seed=9"));
  await page.locator("#text").blur();
  assert.equal((await told(page)).recipe, "sort:len=400:order=desc");
  assert.equal(await page.innerText("[data-param=order][aria-pressed=true]"), "desc");
  await redrawn(page, () => page.click("[data-param=order][value=asc]"));
  assert.equal((await told(page)).recipe, "sort:len=400");
});

on("every preset glitches a JPEG and a PNG", { query: "?seed=7" }, async (page) => {
  const { presets } = await (await fetch(`${home}recipes`)).json();
  for (const file of ["portrait.jpg", "cat.png"]) {
    await pick(page, file);
    if (file === "portrait.jpg") await page.click("#lock");
    for (const { name, about } of presets.filter((preset) => preset.name !== "none")) {
      const chip = page.locator("#presets").getByRole("button", { name, exact: true });
      await redrawn(page, () => chip.click());
      assert.match(await page.innerText("#plates"), /Changed\s+(?!0\.0 %)\d+\.\d %/i, `${name}, ${file}`);
      if (name === "random") continue;
      assert.equal(await chip.getAttribute("aria-pressed"), "true");
      // That which is shown first does something.
      assert.equal(await page.locator("#bars .idle[aria-pressed=true]").count(), 0, name);
      assert.equal(await page.innerText("#preset-about"), about);
      assert.equal((await told(page)).recipe, name);
    }
  }
});

/* ---- Recipes that are drawn ---- */

/** Neither empty nor still to be drawn. */
const isDrawn = ({ recipe }) => assert.match(recipe, /^(?!random|none|,)./);

on("random draws a recipe that can be seen and changed", { query: "?strip=metadata" }, async (page) => {
  await pick(page, "portrait.jpg");
  const draw = () => redrawn(page, () => button(page, "random").click());
  await draw();
  const first = await told(page);
  isDrawn(first);
  assert.ok(await page.locator("#bars button").count() > 0);
  assert.deepEqual((await download(page)).bytes, await direct("portrait.jpg", first));
  const again = await direct("portrait.jpg", { recipe: "random,strip=metadata", seed: first.seed });
  assert.deepEqual((await download(page)).bytes, again);
  await nineDrawn(page);
  // Another one: what was drawn goes, what was set by hand stays.
  await draw();
  const second = await told(page);
  isDrawn(second);
  assert.notEqual(second.seed, first.seed);
  assert.match(second.recipe, /,strip=metadata$/);
  const wanted = await direct("portrait.jpg", { recipe: "random,strip=metadata", seed: second.seed });
  assert.deepEqual((await download(page)).bytes, wanted);
  await redrawn(page, () => button(page, "+ sort").click());
  assert.notEqual((await told(page)).recipe, second.recipe);
  await redrawn(page, () => page.click("#undo"));
  assert.deepEqual(await told(page), second);
  await redrawn(page, () => page.click("#undo"));
  assert.deepEqual(await told(page), first);
  // The way back does not make what was drawn one's own.
  await draw();
  const third = await told(page);
  const drawn = await direct("portrait.jpg", { recipe: "random,strip=metadata", seed: third.seed });
  assert.deepEqual((await download(page)).bytes, drawn);
});

on("a link may ask for a recipe that is drawn", { query: "?recipe=random&seed=7&channels=luma" }, async (page) => {
  assert.deepEqual(await told(page), { recipe: "random,channels=luma", seed: "7" });
  assert.equal(await page.innerText("#presets [aria-pressed=true]"), "random");
  await pick(page, "portrait.jpg");
  const drawn = await told(page);
  isDrawn(drawn);
  assert.equal(drawn.seed, "7");
  const wanted = await direct("portrait.jpg", { recipe: "random,channels=luma", seed: "7" });
  assert.deepEqual((await download(page)).bytes, wanted);
  await page.click("#copy-link");
  assert.doesNotMatch(await page.innerText("#copied"), /random/);
});

on("steps besides those that are drawn stay", {}, async (page) => {
  await pick(page, "portrait.jpg");
  await redrawn(page, () => page.fill("#text", "random,sort:len=77,reach=9,seed=5"));
  await page.locator("#text").blur();
  const drawn = await told(page);
  assert.equal(drawn.seed, "5");
  isDrawn(drawn);
  assert.match(drawn.recipe, /,sort:len=77,.*reach=9/);
  await page.click("#lock");
  await redrawn(page, () => button(page, "random").click());
  assert.equal((await told(page)).seed, "5", "a locked seed draws what it draws");
});

on("a picture that is drawn can be called off", provoked, async (page) => {
  await pick(page, "portrait.jpg");
  const before = await told(page);
  await page.route("**/?recipe=*", () => {});
  await button(page, "random").click();
  assert.equal((await told(page)).recipe, "random");
  await page.click("#cancel");
  assert.deepEqual(await told(page), before);
});

/* ---- Steps for one kind of picture ---- */

on("a step can be for one kind of picture", { query: "?seed=7" }, async (page) => {
  const idle = () => page.locator("#bars .idle").allInnerTexts();
  const on = (value) => page.locator(`[data-param=on][value=${value}]`);
  await pick(page, "portrait.jpg");
  await redrawn(page, () => page.fill("#text", "sort:len=77,replace:times=9:on=png"));
  await page.locator("#text").blur();
  assert.equal((await told(page)).recipe, "sort:len=77,replace:times=9:on=png");
  assert.deepEqual(await idle(), ["replace ×9"]);
  await page.locator("#bars button").nth(1).click();
  assert.match(await page.locator("#bars button").nth(1).getAttribute("aria-label"), /does nothing to a JPEG/);
  assert.equal(await on("png").getAttribute("aria-pressed"), "true");
  assert.deepEqual((await download(page)).bytes, await direct("portrait.jpg", { recipe: "sort:len=77,none", seed: "7" }));
  await redrawn(page, () => on("jpeg").click());
  assert.equal((await told(page)).recipe, "sort:len=77,replace:times=9:on=jpeg");
  assert.deepEqual(await idle(), []);
  await pick(page, "cat.png");
  assert.deepEqual(await idle(), ["replace ×9"]);
  await redrawn(page, () => on("any").click());
  assert.equal((await told(page)).recipe, "sort:len=77,replace:times=9");
  assert.deepEqual(await idle(), []);
  // Where the pass is for one format anyway it shows only if it is set.
  await page.fill("#text", "sort,tint:on=png");
  await page.locator("#text").blur();
  await page.locator("#bars button").nth(1).click();
  assert.equal(await on("png").getAttribute("aria-pressed"), "true");
  assert.deepEqual(await idle(), ["tint"]);
});

on("the recipe can be written, and a mistake is told in words", provoked, async (page) => {
  await pick(page, "portrait.jpg");
  await redrawn(page, () => page.fill("#text", "sort:40:times=3,replace,seed=9"));
  await page.locator("#text").blur();
  assert.deepEqual(await told(page), { recipe: "sort:len=40:times=3,replace", seed: "9" });
  assert.equal(await page.locator("#bars button").count(), 2);
  const picture = await shown(page);
  await page.fill("#text", "clasic");
  await page.waitForSelector("#fault p");
  assert.match(await page.innerText("#text-wrong"), /there is no pass `clasic`; the passes are/);
  assert.equal(await page.getAttribute("#text", "aria-invalid"), "true");
  assert.equal(await shown(page), picture);
  await redrawn(page, () => page.fill("#text", "classic"));
  assert.equal(await page.innerText("#text-wrong"), "");
  assert.equal(await page.innerText("#fault"), "");
});

/* ---- The seed ---- */

on("again draws a seed, lock holds it, undo brings it back", { query: "?seed=18446744073709551615" }, async (page) => {
  await pick(page, "portrait.jpg");
  assert.equal((await told(page)).seed, "18446744073709551615");
  await redrawn(page, () => page.click("#again"));
  const { seed } = await told(page);
  assert.ok(Number(seed) < 2 ** 32, seed);
  await page.click("#lock");
  assert.equal(await pressed(page, "#lock"), "true");
  await page.click("#again", { force: true });
  assert.equal((await told(page)).seed, seed);
  await redrawn(page, () => page.click("#undo"));
  assert.equal((await told(page)).seed, "18446744073709551615");
});

on("a seed that is none is refused in words", {}, async (page) => {
  await pick(page, "portrait.jpg");
  await page.fill("#seed", "18446744073709551616");
  assert.match(await page.innerText("#seed-wrong"), /from 0 to 18446744073709551615/);
  await redrawn(page, () => page.fill("#seed", "3"));
  assert.equal(await page.innerText("#seed-wrong"), "");
});

on("one of nine variants is chosen", {}, async (page) => {
  await pick(page, "portrait.jpg");
  await nineDrawn(page);
  const tile = page.locator("#strip button").nth(4);
  const seed = await tile.innerText();
  await redrawn(page, () => tile.click());
  assert.equal((await told(page)).seed, seed);
  assert.equal(await tile.getAttribute("aria-pressed"), "true");
  const { bytes } = await download(page);
  assert.deepEqual(bytes, await direct("portrait.jpg", await told(page)));
});

/* ---- Before and after ---- */

on("the comparison moves by keyboard and by pointer", {}, async (page) => {
  await pick(page, "portrait.jpg");
  const split = () => page.evaluate(() => document.getElementById("handle").getBoundingClientRect().x);
  const start = await split();
  await page.focus("#compare");
  await page.keyboard.press("ArrowRight");
  assert.ok(await split() > start);
  assert.equal(await page.getAttribute("#compare", "aria-valuetext"), "26 % original");
  await page.keyboard.press("Home");
  assert.equal(await page.getAttribute("#compare", "aria-valuetext"), "0 % original");
  const { x, y, width } = await page.locator("#frame").boundingBox();
  await page.mouse.move(x + 10, y + 50);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + 60, { steps: 4 });
  await page.mouse.up();
  assert.equal(await page.getAttribute("#compare", "aria-valuetext"), "50 % original");
});

on("the comparison moves by a tap", phone, async (page) => {
  await pick(page, "portrait.jpg");
  const { x, y, width } = await page.locator("#frame").boundingBox();
  await page.touchscreen.tap(x + width / 2, y + 50);
  assert.equal(await page.getAttribute("#compare", "aria-valuetext"), "50 % original");
});

/* ---- Taking it along ---- */

on("what is downloaded is what the server makes of the recipe that is shown", {}, async (page) => {
  await pick(page, "portrait.jpg");
  const { name, bytes } = await download(page);
  assert.equal(name, "portrait.glitched.jpg");
  assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  assert.notDeepEqual(bytes, readFileSync(fixture("portrait.jpg")));
  assert.deepEqual(bytes, await direct("portrait.jpg", await told(page)));
  const { width, height, different } = await decoded(page);
  assert.deepEqual([width, height], [512, 512]);
  assert.ok(different > 200);
});

on("a link sets the controls", { query: "?recipe=sort:len=400,replace&seed=12&filter=up" }, async (page) => {
  await pick(page, "cat.png");
  const first = { ...await told(page), bytes: (await download(page)).bytes };
  await page.click("#copy-link");
  const link = await page.innerText("#copied");
  assert.equal(link, `${home}?recipe=sort:len=400,replace&seed=12&filter=up`);
  const other = await visit({ query: new URL(link).search });
  await pick(other, "cat.png");
  assert.deepEqual({ ...await told(other), bytes: (await download(other)).bytes }, first);
  await other.context().close();
});

/** The words that a shell makes of a line. */
function words(line) {
  const [program] = line.split(" ");
  const script = `${program}() { printf '%s\\0' "$@"; }; ${line}`;
  return execFileSync("sh", ["-c", script]).toString().split("\0").slice(0, -1);
}

const NAME = "it's a $(photo) `of` me;&.jpg";

on("the lines for a shell are quoted", { query: "?recipe=sort:len=400&seed=12&deflate=small" }, async (page) => {
  await redrawn(page, () => hand(page, { kind: "drop", name: "portrait.jpg", as: NAME }));
  await page.click("#copy-line");
  const recipe = "sort:len=400,deflate=small";
  assert.deepEqual(words(await page.innerText("#copied")), [NAME, "--recipe", recipe, "--seed", "12"]);
  await page.click("#copy-curl");
  const address = `${home}?recipe=sort:len=400&seed=12&deflate=small`;
  const glitched = NAME.replace(".jpg", ".glitched.jpg");
  assert.deepEqual(words(await page.innerText("#copied")), ["-X", "POST", address, "--data-binary", `@${NAME}`, "-o", glitched]);
  await redrawn(page, () => hand(page, { kind: "drop", name: "portrait.jpg", as: "-o" }));
  await page.click("#copy-line");
  assert.equal(words(await page.innerText("#copied"))[0], "./-o");
});

/* ---- When it goes wrong ---- */

on("a file that is no picture is named for what it is", provoked, async (page) => {
  await page.setInputFiles("#file", fixture("other/gif.gif"));
  await page.waitForSelector("#fault p");
  assert.match(await page.innerText("#fault"), /gif\.gif.*GIF/s);
});

on("a broken picture is told with the byte, and the former one stays", provoked, async (page) => {
  await pick(page, "portrait.jpg");
  const [picture, recipe] = [await shown(page), await told(page)];
  await page.setInputFiles("#file", { name: "cut.jpg", mimeType: "image/jpeg", buffer: readFileSync(fixture("portrait.jpg")).subarray(0, 200) });
  await page.waitForSelector("#fault p");
  assert.match(await page.innerText("#fault"), /cut\.jpg.*byte 179.*0x000000B3/s);
  assert.equal(await shown(page), picture);
  assert.deepEqual(await told(page), recipe);
  await nineDrawn(page);
  await button(page, "Close").click();
  assert.equal(await page.innerText("#fault"), "");
});

on("a file that is too large is not sent", {}, async (page) => {
  const { limits } = await (await fetch(`${home}version`)).json();
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes + 1)], "large.jpg"));
    document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
  }, limits.bytes);
  await page.waitForSelector("#fault p");
  assert.match(await page.innerText("#fault"), /large\.jpg is too large.*at most/s);
});

on("a busy server is asked again by itself", provoked, async (page) => {
  let times = 0;
  await page.route("**/?recipe=*", (route) => {
    times += 1;
    return times > 1 ? route.continue() : route.fulfill({ status: 503, headers: { "Retry-After": "1" }, body: "{}" });
  });
  await page.setInputFiles("#file", fixture("portrait.jpg"));
  await page.getByText("The server is busy: trying again in 1 s").waitFor();
  await page.waitForFunction(() => document.getElementById("after").src);
  assert.ok(times > 1);
});

on("without a server nothing is lost", provoked, async (page) => {
  await page.route("**/?recipe=*", (route) => route.abort());
  await page.setInputFiles("#file", fixture("portrait.jpg"));
  await page.waitForSelector("#fault p");
  assert.match(await page.innerText("#fault"), /cannot be reached/);
  await page.unroute("**/?recipe=*");
  await redrawn(page, () => button(page, "Try again").click());
  assert.match(await page.innerText("#plates"), /portrait\.jpg/);
});

on("a slow picture can be cancelled", provoked, async (page) => {
  await pick(page, "portrait.jpg");
  const [picture, recipe] = [await shown(page), await told(page)];
  await page.route("**/?recipe=*", () => {});
  await page.click("#again");
  assert.notDeepEqual(await told(page), recipe);
  await page.click("#cancel");
  assert.ok(await page.isHidden("#busy"));
  assert.equal(await shown(page), picture);
  assert.deepEqual(await told(page), recipe);
});

on("where one picture takes long, nine are drawn on demand", {}, async (page) => {
  let slow = true;
  await page.route("**/?recipe=*", async (route) => {
    if (slow) await new Promise((done) => setTimeout(done, 1600));
    slow = false;
    await route.continue();
  });
  await pick(page, "portrait.jpg");
  assert.ok(await page.isHidden("#strip"));
  await page.click("#draw-nine");
  await nineDrawn(page);
});

noComplaints();
