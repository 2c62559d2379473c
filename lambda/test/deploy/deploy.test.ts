import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { needs, run } from '../tools.ts';
import { batch } from './batch.ts';
import { ARTIFACTS, Deployment, GLITCH, local, ORIGIN, ROOT } from './deployment.ts';
import { uploads } from './uploads.ts';

const needed = needs('ministack', 'curl', GLITCH, join(ARTIFACTS, 'bootstrap'), join(ARTIFACTS, 'worker/bootstrap'));
let deployed: Deployment;

before(async () => {
  if (needed.skip === false) {
    deployed = await Deployment.start();
  }
});

after(() => deployed?.stop());

function fixture(name: string): Buffer {
  return readFileSync(join(ROOT, 'fixtures', name));
}

/** The line of the documentation that begins so. */
function documented(start: string): string {
  const page = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
  return page.split('\n').find((line) => line.startsWith(start)) ?? assert.fail(`docs/deploy.md has no ${start}`);
}

test('cdk bootstrap and cdk deploy end with an address', needed, () => {
  deployed.cdk('bootstrap');
  deployed.deploy('--all', '--concurrency', '2');
  assert.match(deployed.url, /^https?:\/\/\w+\.execute-api\./);
});

test('the documented curl line writes the picture that the command line makes', needed, () => {
  const curl = documented('curl ');
  assert.equal(curl, 'curl -X POST $URL --data-binary @fixtures/portrait.jpg -o glitched.jpg');
  const ran = deployed.shell([documented('URL='), curl]);
  assert.equal(ran.status, 0, ran.stderr);
  const [, recipe] = /^glitch-recipe: (.*?)\r$/im.exec(readFileSync(join(deployed.clone, 'headers'), 'utf8')) ?? [];
  assert.match(String(recipe), /^classic,seed=\d+$/);
  const glitched = readFileSync(join(deployed.clone, 'glitched.jpg'));
  assert.ok(glitched.equals(local(join(ROOT, 'fixtures/portrait.jpg'), String(recipe))));
  assert.ok(!glitched.equals(fixture('portrait.jpg')));
  const verified = run(GLITCH, ['verify', join(deployed.clone, 'glitched.jpg')]);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

test('a PNG, a recipe and a seed arrive', needed, async () => {
  const answer = await deployed.ask('/?recipe=sort:400,replace&seed=7', { method: 'POST', body: fixture('cat.png') });
  assert.equal(answer.status, 200, answer.body.toString());
  assert.equal(answer.headers['content-type'], 'image/png');
  assert.ok(answer.body.equals(local(join(ROOT, 'fixtures/cat.png'), 'sort:400,replace,seed=7')));
});

test('what is no picture is refused by a problem document', needed, async () => {
  const answer = await deployed.ask('', { method: 'POST', body: 'GIF89a, and not a JPEG' });
  assert.equal(answer.status, 415);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const problem = JSON.parse(answer.body.toString());
  assert.equal(problem.type, '/problems/not-an-image');
  assert.equal((await deployed.ask(problem.type)).status, 200);
});

test('other paths and methods arrive', needed, async () => {
  const health = await deployed.ask('/healthz');
  assert.deepEqual([health.status, JSON.parse(health.body.toString())], [200, { status: 'ok' }]);
  const put = await deployed.ask('/photo.jpg', { method: 'PUT', body: fixture('portrait.jpg') });
  assert.deepEqual([put.status, put.headers['content-type']], [200, 'image/jpeg']);
});

test('pages of the origins that are told may ask', needed, async () => {
  for (const [origin, allowed] of [[ORIGIN, ORIGIN], ['https://other.example', undefined]] as const) {
    const answer = await deployed.ask('/recipes', { headers: { origin } });
    assert.equal(answer.headers['access-control-allow-origin'], allowed);
  }
});

uploads(() => deployed, needed);
batch(() => deployed, needed);

test('a token from Secrets Manager is asked for', needed, async () => {
  const secret = { Name: 'glitch/token', SecretString: 's3cret', ClientRequestToken: 'a'.repeat(32) };
  await deployed.service('/', 'secretsmanager.CreateSecret', secret);
  deployed.deploy('GlitchHttp', '-c', 'tokenSecret=glitch/token');
  const refused = await deployed.ask('/recipes');
  assert.equal(refused.status, 401);
  assert.equal(JSON.parse(refused.body.toString()).type, '/problems/unauthorized');
  const shown = await deployed.ask('/recipes', { headers: { authorization: 'Bearer s3cret' } });
  assert.equal(shown.status, 200);
});

/** Has buckets emptied, as CloudFormation does before they go, and gives the answer that it waits for. */
async function emptied(...Buckets: unknown[]): Promise<any> {
  const [, kept] = await buckets('glitchbatch');
  const event = {
    RequestType: 'Delete',
    // An object will do for it.
    ResponseURL: `${deployed.endpoint}/${kept}/answer`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Buckets',
    PhysicalResourceId: 'physical',
    ResourceProperties: { Buckets },
  };
  const name = await deployed.functionName('UploadsEmptied');
  await deployed.object(`2015-03-31/functions/${name}/invocations`, { method: 'POST', body: JSON.stringify(event) });
  return JSON.parse((await deployed.object(`${kept}/answer`)).body.toString());
}

test('what empties the buckets does so, whatever their keys are, or tells why not', needed, async () => {
  const [pictures, results] = await buckets('uploads');
  for (const key of ['a%20b%2Bc', 'f%C3%BCr/dich']) {
    assert.equal((await deployed.object(`${pictures}/${key}`, { method: 'PUT', body: 'no picture' })).status, 200);
  }
  const about = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Buckets', PhysicalResourceId: 'physical' };
  assert.deepEqual(await emptied(pictures, results, 'there-is-no-such-bucket'), { ...about, Status: 'SUCCESS' });
  for (const bucket of [pictures, results]) {
    assert.doesNotMatch((await deployed.object(`${bucket}?list-type=2`)).body.toString(), /<Contents>/);
  }
  const { Reason, ...refused } = await emptied('no name of a bucket');
  assert.deepEqual(refused, { ...about, Status: 'FAILED' });
  assert.match(Reason, /no name of a bucket/);
});

/** The buckets whose names have this in them. */
async function buckets(part: string): Promise<string[]> {
  const list = (await deployed.object('')).body.toString();
  return [...list.matchAll(/<Name>(.*?)<\/Name>/g)].map(([, name]) => String(name)).filter((name) => name.includes(part)).sort();
}

test('cdk destroy leaves nothing but the buckets of jobs', needed, async () => {
  assert.equal((await deployed.service('/2015-03-31/functions/')).Functions.length, 4);
  assert.equal((await buckets('glitch')).length, 4);
  deployed.cdk('destroy', '--all', '--force', '--concurrency', '2');
  assert.deepEqual((await deployed.service('/2015-03-31/functions/')).Functions, []);
  assert.deepEqual((await deployed.service('/', 'Logs_20140328.DescribeLogGroups')).logGroups, []);
  assert.deepEqual((await deployed.service('/', 'AWSStepFunctions.ListStateMachines')).stateMachines, []);
  assert.deepEqual((await deployed.service('/', 'AmazonSQS.ListQueues')).QueueUrls ?? [], []);
  const left = await buckets('glitch');
  assert.equal(left.length, 2);
  assert.ok(left.every((name) => name.startsWith('glitchbatch-')), String(left));
});
