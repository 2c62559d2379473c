// What pictures cost on AWS, and how long they take: the tables of docs/scale.md.
//
//     cd lambda && npx tsx cost.ts
//
// From times that lambda/measure.mjs measured, and list prices. What is neither is told in the page.

import { fileURLToPath } from 'node:url';

/** US dollars, list prices of us-east-1 without free tiers, as of November 2025. */
const PRICE = {
  lambdaRequest: 0.2e-6,
  // arm64; x86-64 is 0.0000166667.
  lambdaGigabyteSecond: 0.0000133334,
  // For each begun 512 KB of a request, or of its answer.
  apiRequest: 1e-6,
  sqsRequest: 0.4e-6,
  s3Put: 5e-6,
  s3Get: 0.4e-6,
  s3GigabyteMonth: 0.023,
  expressRequest: 1e-6,
  expressGigabyteSecond: 0.00001667,
  logGigabyte: 0.5,
  outGigabyte: 0.09,
};

interface Picture {
  readonly name: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

interface Cost {
  /** A function is busy. */
  readonly seconds: number;
  /** Dollars, for all but what goes out. */
  readonly services: number;
  /** Dollars, for what goes out to the internet. */
  readonly out: number;
}

/** Bytes, and milliseconds of one whole core, decode of the result included (1769 MB). */
const PICTURES: readonly Picture[] = [
  { name: 'portrait, 512x512 JPEG', bytes: 54e3, milliseconds: 6.2 },
  { name: '2 megapixels, JPEG', bytes: 591e3, milliseconds: 56 },
  { name: '12 megapixels, JPEG', bytes: 3.6e6, milliseconds: 331 },
  { name: '12 megapixels, progressive JPEG', bytes: 3.3e6, milliseconds: 682 },
  { name: '24 megapixels, JPEG', bytes: 7.1e6, milliseconds: 632 },
  { name: '2 megapixels, PNG', bytes: 3.2e6, milliseconds: 192 },
  { name: '12 megapixels, PNG', bytes: 19.5e6, milliseconds: 1335 },
];

const MEMORY = 1769 / 1024;
const BATCH = 10;
/** What Lambda lets through, as bytes of a picture. */
const DIRECT = 4.7e6;
/** Waiting for S3, assumed: a round trip each for what is asked and stored, and 50 MB a second. */
const waiting = ({ bytes }: Picture, trips: number): number => trips * 0.02 + (2 * bytes) / 50e6;

const lambda = (seconds: number): number => PRICE.lambdaRequest + seconds * MEMORY * PRICE.lambdaGigabyteSecond;
const log = (bytes: number): number => (bytes / 1e9) * PRICE.logGigabyte;
const out = ({ bytes }: Picture): number => (bytes / 1e9) * PRICE.outGigabyte;
const api = (bytes: number): number => Math.ceil(bytes / 512e3) * PRICE.apiRequest;
const stored = ({ bytes }: Picture): number => ((2 * bytes) / 1e9 / 30) * PRICE.s3GigabyteMonth;

/** The ways to a result. */
const WAYS = {
  request(picture: Picture): Cost {
    const seconds = picture.milliseconds / 1000;
    const services = lambda(seconds) + api(picture.bytes) + log(1500);
    return { seconds, services, out: out(picture) };
  },
  upload(picture: Picture): Cost {
    const seconds = picture.milliseconds / 1000 + waiting(picture, 2);
    // The form, and three times asking for the result.
    const asked = 4 * (PRICE.apiRequest + lambda(0.02) + log(1500));
    const queue = 3 * PRICE.sqsRequest;
    const bucket = 2 * PRICE.s3Put + 6 * PRICE.s3Get + stored(picture);
    return { seconds, services: lambda(seconds) + asked + queue + bucket + log(1000), out: out(picture) };
  },
  job(picture: Picture): Cost {
    const seconds = picture.milliseconds / 1000 + waiting(picture, 3);
    const batch = PRICE.expressRequest + BATCH * seconds * (64 / 1024) * PRICE.expressGigabyteSecond + PRICE.lambdaRequest;
    const bucket = PRICE.s3Put + 2 * PRICE.s3Get + PRICE.s3Put / 1000;
    const services = seconds * MEMORY * PRICE.lambdaGigabyteSecond + batch / BATCH + bucket + log(300);
    return { seconds, services, out: 0 };
  },
};

const dollars = (amount: number): string =>
  amount === 0 ? '' : (amount < 0.01 ? `$${amount.toPrecision(2)}` : `$${amount.toFixed(amount < 100 ? 2 : 0)}`);
const span = (seconds: number): string =>
  seconds < 1 ? `${(seconds * 1000).toFixed(0)} ms`
  : seconds < 120 ? `${seconds.toFixed(0)} s`
  : seconds < 7200 ? `${(seconds / 60).toFixed(0)} min`
  : seconds < 172_800 ? `${(seconds / 3600).toFixed(0)} h`
  : `${(seconds / 86_400).toFixed(0)} days`;

/** One way as rows of Markdown: dollars for 1, 1,000 and 10 million, and how long the latter take. */
function table(way: keyof typeof WAYS, pictures: readonly Picture[], concurrency: readonly number[]): string {
  const head = `| | 1 | 1,000 | 10 million | of that, going out | 10 million with ${concurrency.join(' / ')} at once |`;
  const rows = pictures.map((picture) => {
    const { seconds, services, out } = WAYS[way](picture);
    const each = services + out;
    const times = concurrency.map((instances) => span((1e7 * seconds) / instances)).join(' / ');
    const columns = [picture.name, dollars(each), dollars(each * 1e3), dollars(each * 1e7), dollars(out * 1e7), times];
    return `| ${columns.join(' | ')} |`;
  });
  return [head, '|---|--:|--:|--:|--:|--:|', ...rows].join('\n');
}

/** All tables, by the way. */
export function tables(): { readonly [way: string]: string } {
  const direct = PICTURES.filter(({ bytes }) => bytes < DIRECT);
  return {
    request: table('request', direct, [10, 1000]),
    upload: table('upload', PICTURES, [5, 1000]),
    job: table('job', PICTURES, [5, 1000]),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [way, rows] of Object.entries(tables())) {
    console.log(`${way}\n\n${rows}\n`);
  }
}
