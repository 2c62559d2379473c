// The page for everybody: by keyboard, on a phone, in light and dark, and read aloud.

import assert from "node:assert/strict";
import {
  axe, desktop, fixture, nineDrawn, noComplaints, on, phone, pick, provoked, redrawn, screenshot,
} from "./browser.mjs";

const pressed = (page, selector) => page.getAttribute(selector, "aria-pressed");

/** Tabs on to an element, as one without a mouse has to. */
async function tabTo(page, selector) {
  for (let steps = 0; steps < 80; steps += 1) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${selector} cannot be reached by Tab`);
}

on("all of it goes by keyboard", {}, async (page) => {
  await tabTo(page, "#sample");
  await redrawn(page, () => page.keyboard.press("Enter"));
  await tabTo(page, "#compare");
  await page.keyboard.press("End");
  assert.equal(await page.getAttribute("#compare", "aria-valuetext"), "100 % original");
  await tabTo(page, "#again");
  await redrawn(page, () => page.keyboard.press("Enter"));
  await nineDrawn(page);
  await tabTo(page, "#strip button:nth-child(2)");
  await redrawn(page, () => page.keyboard.press("Space"));
  await tabTo(page, "#bars li:nth-child(2) button");
  await page.keyboard.press("Enter");
  assert.equal(await pressed(page, "#bars li:nth-child(2) button"), "true");
  await tabTo(page, "#later");
  await redrawn(page, () => page.keyboard.press("Enter"));
  assert.ok(await page.evaluate(() => document.activeElement.id === "later"), "the focus stays");
  await tabTo(page, "#params input[type=range]");
  await redrawn(page, () => page.keyboard.press("ArrowRight"));
  await redrawn(page, () => page.keyboard.press("ArrowRight"));
  await tabTo(page, "#setting-amount");
  await redrawn(page, () => page.keyboard.press("End"));
  await tabTo(page, "#more summary");
  await page.keyboard.press("Enter");
  assert.ok(await page.isHidden("#settings"));
  await page.keyboard.press("Enter");
  await tabTo(page, "[data-of=protect] input");
  await redrawn(page, () => page.keyboard.type("50"));
  assert.match(await page.inputValue("#text"), /protect=50-0-50-100/);
  await tabTo(page, "[data-setting=thumbnail][value=drop]");
  await redrawn(page, () => page.keyboard.press("Space"));
  await tabTo(page, "#copy-line");
  await page.keyboard.press("Enter");
  assert.match(await page.innerText("#copied"), /^glitch sample\.jpg --recipe /);
});

for (const colorScheme of ["light", "dark"]) {
  for (const [device, size] of Object.entries({ desktop, phone })) {
    const options = { ...size, ...provoked, colorScheme, query: "?seed=44" };
    on(`${device}, ${colorScheme}: fits, and is for everybody`, options, async (page) => {
      const look = async (state) => {
        await screenshot(page, `${device}-${colorScheme}-${state}`);
        assert.deepEqual(await axe(page), [], state);
        const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= window, `${state}: ${wide} in ${window}`);
      };
      await look("empty");
      await pick(page, "cat.png");
      await nineDrawn(page);
      await look("loaded");
      await page.fill("#text", "replace,amount=40,region=0-20-100-60,protect=25-0-50-55,strip=metadata");
      await page.locator("#text").blur();
      if (device === "phone") await page.click("#more summary");
      await page.locator("[data-of=protect]").scrollIntoViewIfNeeded();
      await nineDrawn(page);
      await look("settings");
      await page.setInputFiles("#file", fixture("other/pdf.pdf"));
      await page.fill("#text", "clasic");
      await page.waitForFunction(() => /clasic/.test(document.getElementById("fault").innerText));
      await look("error");
    });
  }
}

on("light and dark can be chosen", { colorScheme: "light" }, async (page) => {
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await colour();
  await page.click("#theme");
  const dark = await colour();
  assert.notEqual(dark, light);
  await page.reload();
  await page.waitForSelector("#presets button");
  assert.equal(await colour(), dark);
});

on("nothing moves for those who do not want it", { reducedMotion: "reduce" }, async (page) => {
  await page.click("#sample");
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

noComplaints();
