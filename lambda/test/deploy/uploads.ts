import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { block, installed, run } from '../tools.ts';
import { type Deployment, local, ROOT } from './deployment.ts';
import { hasUnread, instances } from './processes.ts';
import { until } from './wait.ts';

/** Pictures that are too large for a request, on what is deployed. */
export function uploads(deployed: () => Deployment, needed: { skip: string | false }): void {
  let photo: Buffer;

  test('a photograph that is too large is answered with the way that takes it', needed, async () => {
    const file = join(deployed().clone, 'photo.jpg');
    const python = String(installed('python') ?? installed('python3'));
    const made = run(python, [join(import.meta.dirname, 'photo.py'), join(ROOT, 'fixtures/portrait.jpg'), file]);
    assert.equal(made.status, 0, made.stderr);
    photo = readFileSync(file);
    assert.ok(photo.length > 6_000_000 && photo.length < 10_000_000, String(photo.length));
    const answer = await deployed().ask('', { method: 'POST', body: photo });
    assert.equal(answer.status, 413);
    const problem = JSON.parse(answer.body.toString());
    assert.deepEqual([problem.type, problem.uploads], ['/problems/too-large', '/uploads']);
  });

  test('the documented commands upload it, wait, and get what the command line makes', needed, () => {
    const [address] = block('docs/deploy.md', 'URL=').split('\n');
    const ran = deployed().shell([String(address), block('docs/deploy.md', 'curl -X POST "$URL/uploads?seed=7"')]);
    assert.equal(ran.status, 0, ran.stderr);
    const { recipe } = JSON.parse(readFileSync(join(deployed().clone, 'upload.json'), 'utf8'));
    assert.equal(recipe, 'classic,seed=7');
    const glitched = readFileSync(join(deployed().clone, 'glitched.jpg'));
    assert.ok(glitched.equals(local(join(deployed().clone, 'photo.jpg'), recipe)));
    assert.ok(!glitched.equals(photo));
    assert.ok(glitched.length > 4_700_000, String(glitched.length));
  });

  test('a result is waited for, and then is somewhere else', needed, async () => {
    const told = await form(deployed());
    const before = await deployed().ask(told.result);
    assert.deepEqual([before.status, before.headers['retry-after']], [202, '2']);
    upload(deployed(), told.curl, 'cat.png');
    const there = await until('a result', () => answered(deployed(), told.result));
    assert.equal(there.status, 303);
    assert.equal(there.headers['glitch-recipe'], told.recipe);
  });

  test('a picture that is broken has a problem document for a result', needed, async () => {
    const told = await form(deployed());
    upload(deployed(), told.curl, 'broken/bad-no-sof.jpg');
    const there = await until('a result', () => answered(deployed(), told.result));
    assert.deepEqual([there.status, there.headers['content-type']], [422, 'application/problem+json']);
    assert.equal(JSON.parse(there.body.toString()).type, '/problems/malformed');
  });

  test('a worker that is killed over a picture loses nothing', needed, async () => {
    const queue = await queueUrl(deployed(), 'UploadsQueue');
    // Not for the twelve minutes that it is in earnest.
    await sqs(deployed(), 'SetQueueAttributes', { QueueUrl: queue, Attributes: { VisibilityTimeout: '5' } });
    const worker = await deployed().functionName('UploadsWorker');
    const running = instances(worker, deployed().endpoint);
    assert.ok(running.length > 0);
    // They get the event, and are killed before they do anything about it.
    running.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
    const told = await form(deployed());
    upload(deployed(), told.curl, 'portrait.jpg');
    const [busy] = await until('an event', () => [running.filter(hasUnread)].find((found) => found.length > 0));
    running.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    await until('a failure', () => deployed().log().includes(`${worker}: Runtime exited before returning a response`));
    const there = await until('a result', () => answered(deployed(), told.result));
    assert.equal(there.status, 303);
    const shown = await deployed().object(String(there.headers.location).split('/').slice(3).join('/'));
    assert.ok(shown.body.equals(local(join(ROOT, 'fixtures/portrait.jpg'), told.recipe)));
    assert.ok(!instances(worker, deployed().endpoint).some(({ pid }) => pid === busy?.pid));
  });

  test('no message is left, nor came to the dead letters', needed, async () => {
    for (const name of ['UploadsQueue', 'UploadsDeadLetters']) {
      const QueueUrl = await queueUrl(deployed(), name);
      await until(`an empty ${name}`, async () => {
        const { Attributes } = await sqs(deployed(), 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
        return Attributes.ApproximateNumberOfMessages === '0' && Attributes.ApproximateNumberOfMessagesNotVisible === '0';
      });
    }
  });
}

interface Told {
  readonly recipe: string;
  readonly result: string;
  readonly curl: string;
}

async function form(deployed: Deployment): Promise<Told> {
  const answer = await deployed.ask('/uploads', { method: 'POST' });
  assert.equal(answer.status, 201, answer.body.toString());
  return JSON.parse(answer.body.toString());
}

/** Runs the command of an answer on a fixture. */
function upload(deployed: Deployment, curl: string, name: string): void {
  writeFileSync(join(deployed.clone, 'photo.jpg'), readFileSync(join(ROOT, 'fixtures', name)));
  const ran = deployed.shell([curl]);
  assert.equal(ran.status, 0, ran.stderr);
}

/** The answer about a result, once there is one. */
async function answered(deployed: Deployment, result: string) {
  const answer = await deployed.ask(result);
  return answer.status !== 202 && answer;
}

function sqs(deployed: Deployment, action: string, body: object): Promise<any> {
  return deployed.service('/', `AmazonSQS.${action}`, body);
}

async function queueUrl(deployed: Deployment, part: string): Promise<string> {
  const { QueueUrls } = await sqs(deployed, 'ListQueues', {});
  return QueueUrls.find((url: string) => url.includes(part)) ?? assert.fail(`no queue ${part}: ${QueueUrls}`);
}
