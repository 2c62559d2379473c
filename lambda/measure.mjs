// Measures a program for Lambda as Lambda runs it, from a Runtime API of its own on the loopback interface:
// how long it takes from exec to asking for its first event, and what each picture costs it then.
//
//     node lambda/measure.mjs artifacts/bootstrap [picture...]
//
// In a control group with a quota of the processor it is as on Lambda with less memory than 1769 MB.
// Processor time is that of all threads, as the kernel counts it (Linux). On a busy machine the
// least of the times in between is the truest.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';

const STARTS = 15;
const ROUNDS = 15;

const [program, ...pictures] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: node lambda/measure.mjs PROGRAM [PICTURE...]');
  process.exit(2);
}

/** Hands out events, and takes the answers. */
class RuntimeApi {
  #server = createServer((request, response) => this.#answer(request, response));
  #waiting = [];
  #asked = [];

  async start() {
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
    return `127.0.0.1:${this.#server.address().port}`;
  }

  /** When the program asks for an event; `event` sends it one. */
  next() {
    return new Promise((done) => {
      const asked = this.#asked.shift();
      asked === undefined ? this.#waiting.push(done) : done(asked);
    });
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request, response) {
    if (request.method === 'GET') {
      const asked = { at: performance.now(), event: (body) => send(response, body) };
      const waiting = this.#waiting.shift();
      waiting === undefined ? this.#asked.push(asked) : waiting(asked);
      return;
    }
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      this.last = { path: request.url, body: Buffer.concat(pieces).toString() };
      response.writeHead(202).end('{"status":"OK"}');
    });
  }
}

function send(response, body) {
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': 'measured',
    'lambda-runtime-deadline-ms': String(Date.now() + 60_000),
    'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:glitch',
  });
  response.end(body);
}

/** An event of an HTTP API, payload format 2.0. */
function event(picture) {
  return JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: 'seed=7',
    headers: { 'content-type': 'application/octet-stream', host: 'measured' },
    requestContext: {
      accountId: '000000000000', apiId: 'measured', domainName: 'measured', domainPrefix: 'measured',
      http: { method: 'POST', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'measure' },
      requestId: 'measured', routeKey: '$default', stage: '$default', time: '01/Jan/2026:00:00:00 +0000', timeEpoch: 0,
    },
    body: readFileSync(picture).toString('base64'),
    isBase64Encoded: true,
  });
}

/** Milliseconds of processor time of all threads, ended ones left out. */
function processorTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]));
  return spent.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** MiB, resident now and at the most. */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

async function started(api, address) {
  const before = performance.now();
  const env = {
    PATH: process.env.PATH,
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: 'glitch',
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'measured',
    AWS_SECRET_ACCESS_KEY: 'measured',
    // The platform's own limit is not here: larger pictures are the worker's, whose work is the same.
    GLITCH_MAX_BYTES: '100M',
    GLITCH_UPLOAD_BUCKET: 'uploads',
    GLITCH_RESULT_BUCKET: 'results',
  };
  const child = spawn(program, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const asked = await api.next();
  return { child, asked, wall: asked.at - before };
}

const least = (times) => Math.min(...times).toFixed(2);
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1].toFixed(2);

const api = new RuntimeApi();
const address = await api.start();

const walls = [];
const times = [];
let resident = 0;
for (let start = 0; start < STARTS; start += 1) {
  const { child, wall } = await started(api, address);
  walls.push(wall);
  times.push(processorTime(child.pid));
  resident = memory(child.pid).now;
  child.kill('SIGKILL');
  await new Promise((done) => child.once('exit', done));
}
console.log(`${program}: ${statSync(program).size} bytes`);
console.log(
  `start: wall min ${least(walls)} median ${median(walls)} ms, processor min ${least(times)} median ${median(times)} ms, ` +
    `resident ${resident.toFixed(1)} MiB`,
);

for (const picture of pictures) {
  const { child, asked } = await started(api, address);
  let next = asked;
  const spent = [];
  const took = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = processorTime(child.pid);
    const body = event(picture);
    const start = performance.now();
    next.event(body);
    next = await api.next();
    took.push(next.at - start);
    spent.push(processorTime(child.pid) - before);
  }
  const status = JSON.parse(api.last.body).statusCode;
  const { peak } = memory(child.pid);
  console.log(
    `${basename(picture)}: ${statSync(picture).size} bytes, status ${status}, processor first ${spent[0].toFixed(1)} ` +
      `min ${least(spent)} median ${median(spent)} ms, wall min ${least(took)} median ${median(took)} ms, peak ${peak.toFixed(0)} MiB`,
  );
  child.kill('SIGKILL');
  await new Promise((done) => child.once('exit', done));
}
api.stop();
