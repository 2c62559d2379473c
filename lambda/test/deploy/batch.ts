import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Deployment, local, ROOT } from './deployment.ts';
import { instances } from './processes.ts';
import { until } from './wait.ts';

const SEED = '18446744073709551615';
const RECIPE = 'sort:400,replace';

/** Keys in the bucket, and the files that lie there: pictures that are whole, and some that are not. */
const PICTURES = new Map(Array.from({ length: 200 }, (_, index) => [`in/${index} a+b ü.img`, file(index)]));

function file(index: number): string {
  const folder = index % 20 === 7 ? 'broken' : index % 2 === 0 ? 'jpeg' : 'png';
  const names = readdirSync(join(ROOT, 'fixtures', folder)).sort();
  return join(ROOT, 'fixtures', folder, String(names[index % names.length]));
}

/** Jobs over a bucket, on what is deployed. */
export function batch(deployed: () => Deployment, needed: { skip: string | false }): void {
  const output = (name: string) => deployed().output('GlitchBatch', name);
  const input = { prefix: 'in/', output_prefix: 'out/', recipe: RECIPE, job_seed: SEED };
  let first: any[];

  test('a job over 200 pictures has a line for each, and the bytes of the command line', needed, async () => {
    for (const [key, path] of PICTURES) {
      await stored(deployed(), `${output('PicturesBucket')}/${encodeURIComponent(key)}`, readFileSync(path));
    }
    await stored(deployed(), `${output('PicturesBucket')}/in/`, Buffer.alloc(0));
    await stored(deployed(), `${output('PicturesBucket')}/elsewhere.txt`, Buffer.from('not below the prefix'));
    first = await lines(deployed(), input);
    assert.deepEqual(first.map((line) => line.key).sort(), [...PICTURES.keys(), 'in/'].sort());
    assert.ok(first.every((line) => !line.skipped));
    const failed = first.filter((line) => line.error !== null).map((line) => line.key);
    assert.ok(failed.includes('in/') && failed.length > 5 && failed.length < 40, String(failed));
    const whole = first.filter((line) => line.error === null);
    for (const line of whole.filter((_, index) => index % 16 === 0)) {
      assert.equal(line.seed, seed(line.key));
      const result = await deployed().object(`${output('ResultsBucket')}/${encodeURIComponent(line.output)}`);
      assert.equal(result.status, 200);
      assert.ok(result.body.equals(local(String(PICTURES.get(line.key)), line.recipe)), line.key);
    }
    assert.equal((await listed(deployed())).length, whole.length);
  });

  test('the same job again does nothing but look', needed, async () => {
    const before = await listed(deployed());
    const again = await lines(deployed(), input);
    assert.deepEqual(await listed(deployed()), before);
    for (const line of again) {
      const told = first.find((one) => one.key === line.key);
      assert.equal(line.skipped, told.error === null, line.key);
      assert.deepEqual([line.output, line.seed, line.recipe, line.bytes], [told.output, told.seed, told.recipe, told.bytes]);
    }
    assert.equal(again.length, first.length);
  });

  test('workers that are killed over a job lose nothing', needed, async () => {
    const worker = await deployed().functionName('GlitchBatch-Worker');
    const failures = () => deployed().log().split(`${worker}: Runtime exited before returning a response`).length - 1;
    // A job may be over too soon to be hit: another one then.
    let output_prefix = '';
    let told: any[] = [];
    for (let tries = 0; failures() === 0; tries += 1) {
      assert.ok(tries < 50, 'no worker was hit');
      output_prefix = `killed/${tries}/`;
      told = await lines(deployed(), { ...input, output_prefix }, async (execution) => {
        await until('a map', async () => (await mapRuns(deployed(), execution)).length > 0);
        instances(worker, deployed().endpoint).forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
      });
    }
    const wanted = first.map(({ key, error, output, bytes }) => [key, error, output && output.replace('out/', output_prefix), bytes]);
    assert.deepEqual(told.map(({ key, error, output, bytes }) => [key, error, output, bytes]).sort(), wanted.sort());
  });

  test('a job that is wrong ends before any batch', needed, async () => {
    const { execution, end } = await run(deployed(), { ...input, recipe: 'molten' });
    assert.equal(end.status, 'FAILED');
    assert.match(end.cause, /there is no pass `molten`/);
    assert.deepEqual(await mapRuns(deployed(), execution), []);
  });
}

async function stored(deployed: Deployment, path: string, body: Buffer): Promise<void> {
  assert.equal((await deployed.object(path, { method: 'PUT', body })).status, 200);
}

/** As it is documented. */
function seed(key: string): string {
  return createHash('sha256').update(`${SEED}:${key}`).digest().readBigUInt64BE().toString();
}

function states(deployed: Deployment, action: string, body: object): Promise<any> {
  return deployed.service('/', `AWSStepFunctions.${action}`, body);
}

/** Runs a job to its end; `meanwhile` is done while it runs. */
async function run(deployed: Deployment, input: object, meanwhile?: (execution: string) => Promise<void>) {
  const stateMachineArn = deployed.output('GlitchBatch', 'Job');
  const { executionArn: execution } = await states(deployed, 'StartExecution', { stateMachineArn, input: JSON.stringify(input) });
  await meanwhile?.(execution);
  const end = await until('the end of a job', async () => {
    const told = await states(deployed, 'DescribeExecution', { executionArn: execution });
    return told.status !== 'RUNNING' && told;
  });
  return { execution, end };
}

/** The lines of a job. The emulator has no result writer: the job's output has them, a list for each item. */
async function lines(deployed: Deployment, input: object, meanwhile?: (execution: string) => Promise<void>): Promise<any[]> {
  const { end } = await run(deployed, input, meanwhile);
  assert.equal(end.status, 'SUCCEEDED', JSON.stringify(end));
  return JSON.parse(end.output).flat();
}

async function mapRuns(deployed: Deployment, executionArn: string): Promise<any[]> {
  return (await states(deployed, 'ListMapRuns', { executionArn })).mapRuns;
}

/** Key, time and digest of every result. */
async function listed(deployed: Deployment): Promise<string[]> {
  const answer = await deployed.object(`${deployed.output('GlitchBatch', 'ResultsBucket')}?list-type=2&prefix=out/`);
  return [...answer.body.toString().matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, about]) => String(about));
}
