// Writes the picture of the page that the README shows:
//   GLITCH_PAGE_URL=http://127.0.0.1:3000 node picture.mjs ../../docs/pictures/page.jpg

import { chromium } from "playwright-core";

const browser = await chromium.launch({
  executablePath: process.env.GLITCH_CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
// Else the nine variants would be others each time.
await page.addInitScript(() => {
  let drawn = 0;
  crypto.getRandomValues = (words) => words.fill(0).map(() => (drawn += 7));
});
await page.goto(new URL("/?seed=44", process.env.GLITCH_PAGE_URL).href);
await page.click("#sample");
await page.waitForSelector("#strip button:nth-child(9)");
await page.waitForFunction(() => !document.querySelector("#strip [aria-busy=true], #strip.old"));
await page.screenshot({ path: process.argv[2], type: "jpeg", quality: 65 });
await browser.close();
