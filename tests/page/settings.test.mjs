// The settings: each has a control, and the text of the recipe is what counts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  direct, download, fixture, home, nineDrawn, noComplaints, on, phone, pick, provoked, redrawn, told,
} from "./browser.mjs";

const recipe = async (page) => (await told(page)).recipe;
const exactly = (page, name) => page.getByRole("textbox", { name: `${name}, exactly` });
const side = (page, name, which) => page.getByRole("spinbutton", { name: `${name}: ${which}, in percent` });
const sides = (page, name) =>
  page.locator(`[data-of=${name}] input`).evaluateAll((fields) => fields.map((field) => field.value).join("-"));

async function write(page, text) {
  await redrawn(page, () => page.fill("#text", text));
  await page.locator("#text").blur();
}

/** Lets the server's list of what there is be another one. */
async function listed(page, change) {
  await page.route("**/recipes", async (route) => {
    const answer = await route.fetch();
    const menu = await answer.json();
    change(menu);
    await route.fulfill({ json: menu });
  });
  await page.reload();
  await page.waitForSelector("#presets button");
}

/* ---- Each setting ---- */

on("what the controls are set to is what the server does", { query: "?recipe=replace:times=9&seed=7" }, async (page) => {
  await pick(page, "portrait.jpg");
  await redrawn(page, () => exactly(page, "amount").fill("40"));
  await redrawn(page, () => exactly(page, "reach").fill("5pct"));
  await redrawn(page, () => side(page, "region", "top").fill("20"));
  await redrawn(page, () => side(page, "protect", "left").fill("25"));
  for (const [name, value] of [["channels", "luma"], ["strip", "metadata"], ["thumbnail", "drop"]]) {
    await redrawn(page, () => page.click(`[data-setting=${name}][value=${value}]`));
    assert.equal(await page.getAttribute(`[data-setting=${name}][value=${value}]`, "aria-pressed"), "true");
  }
  assert.equal(await recipe(page),
    "replace:times=9,amount=40,reach=5pct,region=0-20-100-80,protect=25-0-75-100,channels=luma,strip=metadata,thumbnail=drop");
  assert.equal(await page.innerText("#more-set"), "5 set");
  assert.deepEqual((await download(page)).bytes, await direct("portrait.jpg", await told(page)));
  await page.click("#copy-link");
  assert.equal(await page.innerText("#copied"), `${home}?recipe=replace:times=9&seed=7&amount=40&reach=5pct`
    + "&region=0-20-100-80&protect=25-0-75-100&channels=luma&strip=metadata&thumbnail=drop");
});

on("every setting of a word has its words", {}, async (page) => {
  const { settings } = await (await fetch(`${home}recipes`)).json();
  const worded = settings.filter((setting) => setting.values);
  assert.ok(worded.length >= 7);
  for (const { name, values, default: usual } of worded) {
    assert.deepEqual(await page.locator(`[data-setting=${name}]`).allInnerTexts(), values);
    for (const value of values) {
      await page.click(`[data-setting=${name}][value=${value}]`);
      const wanted = value === usual ? "classic" : `classic,${name}=${value}`;
      assert.equal(await recipe(page), wanted);
    }
    await page.click(`[data-setting=${name}][value=${usual}]`);
  }
});

on("the sliders for amount and reach go from end to end", {}, async (page) => {
  const said = (name) => page.getAttribute(`#setting-${name}`, "aria-valuetext");
  assert.equal(await said("amount"), "off");
  await page.press("#setting-amount", "End");
  assert.equal(await recipe(page), "classic,amount=100");
  await page.press("#setting-amount", "Home");
  assert.deepEqual([await said("amount"), await recipe(page)], ["off", "classic"]);
  await page.press("#setting-amount", "ArrowRight");
  assert.equal(await recipe(page), "classic,amount=0");
  await page.press("#setting-amount", "Home");
  assert.equal(await said("reach"), "to the end");
  await page.press("#setting-reach", "ArrowLeft");
  assert.deepEqual([await said("reach"), await recipe(page)], ["100 % of the height", "classic,reach=100pct"]);
  await page.press("#setting-reach", "Home");
  assert.deepEqual([await said("reach"), await recipe(page)], ["1 row", "classic,reach=1"]);
  // A place where the slider does not stand by itself.
  await exactly(page, "reach").fill("7");
  assert.deepEqual([await said("reach"), await recipe(page)], ["7 rows", "classic,reach=7"]);
  await exactly(page, "reach").fill("0");
  assert.equal(await exactly(page, "reach").getAttribute("aria-invalid"), "true");
  await exactly(page, "reach").blur();
  assert.equal(await exactly(page, "reach").inputValue(), "7");
});

on("text that is written shows in the controls", provoked, async (page) => {
  await pick(page, "cat.png");
  await write(page, "sort:len=40,amount=30,reach=3,region=10-20-30-40,alpha=glitch,filter=paeth");
  assert.equal(await exactly(page, "amount").inputValue(), "30");
  assert.equal(await page.getAttribute("#setting-reach", "aria-valuetext"), "3 rows");
  assert.equal(await sides(page, "region"), "10-20-30-40");
  assert.equal(await page.getAttribute("[data-setting=alpha][value=glitch]", "aria-pressed"), "true");
  // Pixels, of a picture of 300 by 200.
  await write(page, "sort:len=40,protect=30px-20px-60px-40px");
  assert.equal(await sides(page, "protect"), "10-10-20-20");
  assert.equal(await recipe(page), "sort:len=40,protect=30px-20px-60px-40px");
  assert.equal(await exactly(page, "amount").inputValue(), "");
  await page.fill("#text", "sort,region=1-2-3");
  await page.waitForSelector("#fault p");
  assert.match(await page.innerText("#text-wrong"), /LEFT-TOP-WIDTH-HEIGHT/);
});

/* ---- On the picture ---- */

/** Drags over the picture, from and to shares of its sides. */
async function drag(page, from, to) {
  const { x, y, width, height } = await page.locator("#frame").boundingBox();
  const at = ([left, top]) => [x + width * left, y + height * top];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

/** Where a rectangle is on the picture, in percent of its sides. */
const drawnAt = (page, name) => page.evaluate((name) => {
  const [frame, mark] = ["frame", `mark-${name}`].map((id) => document.getElementById(id).getBoundingClientRect());
  return [(mark.x - frame.x) / frame.width, (mark.y - frame.y) / frame.height, mark.width / frame.width, mark.height / frame.height]
    .map((share) => Math.round(share * 100));
}, name);

on("a rectangle is drawn on the picture", { query: "?recipe=replace:times=9&seed=3" }, async (page) => {
  await pick(page, "portrait.jpg");
  const draw = page.getByRole("button", { name: "Draw it on the picture: protect" });
  await draw.click();
  assert.equal(await draw.getAttribute("aria-pressed"), "true");
  await redrawn(page, () => drag(page, [0.7495, 0.5495], [0.2505, 0.1005]));
  assert.equal(await recipe(page), "replace:times=9,protect=25-10-50-45");
  assert.equal(await sides(page, "protect"), "25-10-50-45");
  assert.deepEqual(await drawnAt(page, "protect"), [25, 10, 50, 45]);
  assert.equal(await draw.getAttribute("aria-pressed"), "false");
  // The next drag is for the comparison again.
  await drag(page, [0.1, 0.9], [0.5, 0.9]);
  assert.equal(await page.getAttribute("#compare", "aria-valuetext"), "50 % original");
  await redrawn(page, () => page.getByRole("button", { name: "Clear: protect" }).click());
  assert.equal(await recipe(page), "replace:times=9");
  assert.ok(await page.isHidden("#mark-protect"));
});

on("drawing can be called off", {}, async (page) => {
  await pick(page, "portrait.jpg");
  const draw = page.getByRole("button", { name: "Draw it on the picture: region" });
  await draw.click();
  assert.ok(await page.isVisible("#marking"));
  await page.keyboard.press("Escape");
  assert.ok(await page.isHidden("#marking"));
  await drag(page, [0.1, 0.1], [0.6, 0.6]);
  assert.equal(await recipe(page), "classic");
  await draw.click();
  await draw.click();
  assert.equal(await draw.getAttribute("aria-pressed"), "false");
});

on("on a phone the picture comes into view to be drawn on", phone, async (page) => {
  await pick(page, "portrait.jpg");
  assert.ok(await page.isHidden("#settings"), "folded");
  await page.click("#more summary");
  await page.getByRole("button", { name: "Draw it on the picture: region" }).click();
  const { y } = await page.locator("#frame").boundingBox();
  assert.ok(y >= 0, String(y));
  await redrawn(page, () => drag(page, [0.101, 0.101], [0.599, 0.599]));
  assert.equal(await recipe(page), "classic,region=10-10-50-50");
});

/** A JPEG that is stored turned: EXIF with an orientation. */
function turned(orientation) {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const body = [...Buffer.from("Exif\0\0", "latin1"), ...tiff];
  const picture = readFileSync(fixture("portrait.jpg"));
  return Buffer.concat([picture.subarray(0, 2), Buffer.from([0xff, 0xe1, 0, body.length + 2, ...body]), picture.subarray(2)]);
}

for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
  const name = `what is drawn on a picture with orientation ${orientation} stays as it is`;
  on(name, { query: "?recipe=replace:times=30&seed=5" }, async (page) => {
    const file = { name: "turned.jpg", mimeType: "image/jpeg", buffer: turned(orientation) };
    await redrawn(page, () => page.setInputFiles("#file", file));
    await page.getByRole("button", { name: "Draw it on the picture: protect" }).click();
    await redrawn(page, () => drag(page, [0.1005, 0.3005], [0.3995, 0.4995]));
    assert.deepEqual(await drawnAt(page, "protect"), [10, 30, 30, 20]);
    assert.equal(await sides(page, "protect"), "10-30-30-20");
    // The inside is the original's, as they are seen; the rest is not.
    const [inside, outside] = await page.evaluate(() => {
      const pixels = (id, box) => {
        const image = document.getElementById(id);
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [512, 512];
        canvas.getContext("2d").drawImage(image, 0, 0, 512, 512);
        return canvas.getContext("2d").getImageData(...box).data;
      };
      return [[55, 157, 145, 95], [0, 0, 512, 512]].map((box) => {
        const before = pixels("before", box);
        return pixels("after", box).filter((sample, at) => sample !== before[at]).length;
      });
    });
    assert.equal(inside, 0);
    assert.ok(outside > 0);
  });
}

/* ---- Presets with settings, passes of one format ---- */

const withPresets = ({ presets }) => presets.push(
  { name: "scratched", about: "thin lines", passes: "replace:times=4", settings: "amount=40,reach=10pct" },
  { name: "washed", about: "other colours", passes: "sort:len=90", settings: "channels=chroma" },
);

on("a preset brings its settings, and takes them with it", {}, async (page) => {
  await listed(page, withPresets);
  await page.click("[data-setting=strip][value=metadata]");
  await page.click("#presets >> text=scratched");
  assert.equal(await recipe(page), "scratched,strip=metadata");
  assert.equal(await exactly(page, "amount").inputValue(), "40");
  assert.equal(await page.getAttribute("#setting-reach", "aria-valuetext"), "10 % of the height");
  await exactly(page, "amount").fill("50");
  assert.equal(await recipe(page), "scratched,amount=50,strip=metadata");
  assert.equal(await page.innerText("#presets [aria-pressed=true]"), "scratched");
  await page.click("#presets >> text=washed");
  assert.equal(await recipe(page), "washed,strip=metadata");
  assert.equal(await exactly(page, "amount").inputValue(), "");
  // That a preset's amount is off has no words: the steps are told one by one.
  await page.click("#presets >> text=scratched");
  await page.press("#setting-amount", "Home");
  assert.equal(await recipe(page), "replace:times=4,reach=10pct,strip=metadata");
  await page.click("#presets >> text=classic");
  assert.equal(await recipe(page), "classic,strip=metadata");
});

on("a preset in a text is read with its settings", {}, async (page) => {
  await listed(page, withPresets);
  await page.fill("#text", "amount=60,scratched,reach=2");
  await page.locator("#text").blur();
  assert.equal(await recipe(page), "scratched,amount=60,reach=2");
  await page.click("#presets >> text=washed");
  assert.equal(await recipe(page), "washed");
});

on("a pass for one format is marked, and grey where it does nothing", provoked, async (page) => {
  await listed(page, ({ passes }) => Object.assign(passes.find(({ name }) => name === "drift"), { format: "png", header: "PLTE" }));
  const drift = page.getByRole("button", { name: "+ drift PNG", exact: true });
  assert.equal(await drift.getAttribute("aria-disabled"), "false");
  await pick(page, "cat.png");
  await redrawn(page, () => drift.click());
  assert.match(await page.innerText("#step-about"), /PNG.*PLTE/s);
  assert.equal(await page.locator("#bars .idle").count(), 0);
  await pick(page, "portrait.jpg");
  assert.equal(await drift.getAttribute("aria-disabled"), "true");
  assert.match(await page.locator("#bars .idle").getAttribute("aria-label"), /does nothing to a JPEG/);
  const before = await recipe(page);
  await drift.click({ force: true });
  assert.equal(await recipe(page), before);
  await nineDrawn(page);
});

noComplaints();
