// Decodes the files named on standard input with sharp (libvips), the first warning being an
// error; the protocol is in tests/decoders/lines.rs.

import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.cache(false);

async function judge(file, pixels) {
  try {
    const { data, info } = await sharp(await readFile(file), {
      failOn: "warning",
      ignoreIcc: true,
      limitInputPixels: false,
    })
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    await writeFile(pixels, data);
    return { clean: true, words: "", width: info.width, height: info.height };
  } catch (error) {
    return { clean: false, words: String(error.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [file, pixels] = line.split("\t");
  console.log(JSON.stringify(await judge(file, pixels)));
}
