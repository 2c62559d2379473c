import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { fromContext } from '../lib/context.ts';
import { NAMES, settle } from '../lib/settle.ts';
import { HERE } from './tools.ts';

function told(context: { [key: string]: unknown }) {
  return fromContext(new App({ context }).node);
}

test('text from the command line and values from cdk.json say the same', () => {
  const text = told({ arch: 'x86_64', memory: '512', alarms: 'false', retention: '7', corsOrigins: 'https://a.example, http://localhost:8000' });
  const values = told({ arch: 'x86_64', memory: 512, alarms: false, retention: 7, corsOrigins: ['https://a.example', 'http://localhost:8000'] });
  assert.deepEqual(text, values);
  assert.equal(text.memory, 512);
  assert.equal(text.alarms, false);
  assert.deepEqual(text.corsOrigins, ['https://a.example', 'http://localhost:8000']);
});

test('what is settled stays so', () => {
  const once = settle({ timeout: 10, tokenSecret: 'glitch/token', alarmEmail: 'a@b.example' });
  assert.deepEqual(settle({ ...once }), once);
});

test('the time limit of the program is below that of Lambda', () => {
  assert.equal(settle({}).timeLimit, 25);
  assert.equal(settle({ timeout: 10 }).timeLimit, 7);
  assert.equal(settle({ timeLimit: 12 }).timeLimit, 12);
  assert.throws(() => settle({ timeLimit: 28 }), /^Error: timeLimit: less than the timeout of 28 s is wanted, not 28$/);
});

test('a key that there is not is told, with those that there are', () => {
  assert.throws(() => told({ archi: 'arm64' }), /there is no setting `archi`: there are artifacts, arch, memory/);
  assert.throws(() => told({ 'log-retention': '3' }), /there is no setting `log-retention`/);
  assert.throws(() => told({ toString: '3' }), /there is no setting `toString`/);
  // Those of the CDK are none of ours.
  assert.deepEqual(told({ '@aws-cdk/core:checkSecretUsage': true, 'cli-telemetry': false }), settle({}));
});

test('a wrong value is told with its key and what is wanted', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['artifacts', '', /a folder is wanted, not ``/],
    ['arch', 'mips', /arm64 or x86_64 is wanted, not `mips`/],
    ['memory', '127', /from 128 to 10240 is wanted, not `127`/],
    ['memory', '1e3', /from 128 to 10240/],
    ['memory', 512.5, /from 128 to 10240 is wanted, not `512.5`/],
    ['timeout', '30', /from 5 to 29/],
    ['timeLimit', '0', /from 1 to 28/],
    ['maxBytes', '4700001', /from 1 to 4700000/],
    ['maxPixels', '-1', /a whole number from 1/],
    ['metrics', 'prometheus', /embedded or off/],
    ['concurrency', '0', /a whole number from 1/],
    ['rate', '0', /a whole number from 1/],
    ['burst', 'many', /a whole number from 1/],
    ['corsOrigins', 'example.org', /an origin like https:\/\/example.org/],
    ['corsOrigins', 'https://a.example/path', /nothing behind the host/],
    ['corsOrigins', '', /an origin like/],
    ['retention', '31', /one of 1, 3, 5, 7, 14, 30, /],
    ['retention', '9999', /one of 1, 3/],
    ['tracing', 'yes', /true or false is wanted, not `yes`/],
    ['alarms', '1', /true or false/],
    ['alarmEmail', 'nobody', /an e-mail address/],
    ['alarmTopic', 'ops', /the ARN of an SNS topic/],
    ['functionUrl', null, /true or false is wanted, not `null`/],
    ['tokenSecret', 'a secret', /the name or ARN of a secret/],
    ['uploads', 'no', /true or false/],
    ['uploadMaxBytes', '100MiB', /a whole number from 1 to 1073741824/],
    ['uploadRate', '0', /a whole number from 1/],
    ['uploadBurst', '5001', /a whole number from 1 to 5000/],
    ['uploadConcurrency', '1', /a whole number from 2 to 1000/],
    ['workerMemory', '10241', /from 128 to 10240/],
    ['workerTimeout', '29', /from 30 to 900/],
    ['batch', 'yes', /true or false/],
    ['batchPictures', 'My Pictures', /the name of a bucket/],
    ['batchResults', 'a..b', /the name of a bucket/],
    ['batchSize', '41', /from 1 to 40/],
    ['batchConcurrency', '0', /a whole number from 1/],
    ['batchTolerance', '101', /from 0 to 100/],
  ];
  for (const [key, value, said] of wrong) {
    assert.throws(() => told({ [key]: value }), (error: Error) => {
      assert.match(error.message, said);
      assert.ok(error.message.startsWith(`${key}: `), error.message);
      return true;
    });
  }
  assert.deepEqual(new Set(wrong.map(([key]) => key)), new Set(NAMES));
});

test('all that is wrong is told at once', () => {
  assert.throws(() => told({ memory: 'lots', rate: 'fast', speed: '1' }), (error: Error) => error.message.split('\n').length === 3);
});

test('settings that contradict each other are told', () => {
  assert.throws(() => settle({ alarms: false, alarmEmail: 'a@b.example' }), /alarms: there are none for a@b.example/);
  const topic = 'arn:aws:sns:eu-central-1:123456789012:ops';
  assert.throws(() => settle({ alarmTopic: topic, alarmEmail: 'a@b.example' }), /alarmEmail: subscribe it to the topic/);
  assert.throws(() => settle({ batchPictures: 'pictures' }), /batch: true is wanted/);
  assert.throws(() => settle({ batch: true, batchPictures: 'pictures', batchResults: 'pictures' }), /another bucket than batchPictures/);
});

test('the documentation has every setting with its default', () => {
  const page = readFileSync(join(HERE, '../docs/deploy.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.*?) \| .* \|$/gm)].map(([, name, value]) => [name, value]);
  const defaults: { [name: string]: unknown } = { ...settle({}) };
  const shown = (name: string) => (defaults[name] === undefined || String(defaults[name]) === '' ? '' : `\`${defaults[name]}\``);
  assert.deepEqual(rows, NAMES.map((name) => [name, shown(name)]));
});
