import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { needs, run, scratch } from '../tools.ts';
import { ARTIFACTS, Deployment, GLITCH, ORIGIN, ROOT } from './deployment.ts';

const needed = needs('ministack', 'curl', GLITCH, join(ARTIFACTS, 'bootstrap'));
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

/** What the command line makes of a fixture. */
function local(name: string, recipe: string): Buffer {
  const file = join(scratch(), 'local');
  const ran = run(GLITCH, [join(ROOT, 'fixtures', name), '-o', file, '--recipe', recipe]);
  assert.equal(ran.status, 0, ran.stderr);
  return readFileSync(file);
}

test('cdk bootstrap and cdk deploy end with an address', needed, () => {
  deployed.cdk('bootstrap');
  deployed.deploy();
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
  assert.ok(glitched.equals(local('portrait.jpg', String(recipe))));
  assert.ok(!glitched.equals(fixture('portrait.jpg')));
  const verified = run(GLITCH, ['verify', join(deployed.clone, 'glitched.jpg')]);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

test('a PNG, a recipe and a seed arrive', needed, async () => {
  const answer = await deployed.ask('/?recipe=sort:400,replace&seed=7', { method: 'POST', body: fixture('cat.png') });
  assert.equal(answer.status, 200, answer.body.toString());
  assert.equal(answer.headers['content-type'], 'image/png');
  assert.ok(answer.body.equals(local('cat.png', 'sort:400,replace,seed=7')));
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

test('a token from Secrets Manager is asked for', needed, async () => {
  const secret = { Name: 'glitch/token', SecretString: 's3cret', ClientRequestToken: 'a'.repeat(32) };
  await deployed.service('/', 'secretsmanager.CreateSecret', secret);
  deployed.deploy('-c', 'tokenSecret=glitch/token');
  const refused = await deployed.ask('/recipes');
  assert.equal(refused.status, 401);
  assert.equal(JSON.parse(refused.body.toString()).type, '/problems/unauthorized');
  const shown = await deployed.ask('/recipes', { headers: { authorization: 'Bearer s3cret' } });
  assert.equal(shown.status, 200);
});

test('cdk destroy leaves no function and no log', needed, async () => {
  assert.equal((await deployed.service('/2015-03-31/functions/')).Functions.length, 1);
  deployed.cdk('destroy', '--force');
  assert.deepEqual((await deployed.service('/2015-03-31/functions/')).Functions, []);
  assert.deepEqual((await deployed.service('/', 'Logs_20140328.DescribeLogGroups')).logGroups, []);
});
