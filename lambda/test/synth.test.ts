import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BatchStack } from '../lib/batch-stack.ts';
import { HttpStack } from '../lib/http-stack.ts';
import { cdk, CONTEXT, fakeArtifacts, HERE, installed, needs, run, scratch } from './tools.ts';

const artifacts = fakeArtifacts('arm64');

/** Everything that can be switched on. */
const ALL = {
  batch: 'true',
  batchPictures: 'pictures',
  concurrency: '5',
  corsOrigins: 'https://a.example',
  tracing: 'true',
  alarmEmail: 'a@b.example',
  functionUrl: 'true',
  tokenSecret: 'glitch/token',
};
const ALL_ARGS: string[] = Object.entries(ALL).flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/** The environment that turns every way out into an error, and where that is written down. */
function offline(): { env: NodeJS.ProcessEnv; log: string } {
  const log = join(scratch(), 'network.log');
  return { env: { NODE_OPTIONS: `--require ${join(HERE, 'test/no-network.cjs')}`, NETWORK_LOG: log }, log };
}

function synth(args: string[], env: NodeJS.ProcessEnv = {}) {
  const out = scratch();
  const ran = cdk(['synth', '--quiet', '-o', out, '-c', `artifacts=${artifacts}`, ...args], env);
  return { ...ran, templates: ['GlitchHttp', 'GlitchBatch'].map((stack) => join(out, `${stack}.template.json`)).filter(existsSync) };
}

test('the network is seen to be used', () => {
  const { env, log } = offline();
  const ran = run(process.execPath, ['-e', 'fetch("http://127.0.0.1:8089/")'], env);
  assert.equal(ran.status, 1);
  assert.match(readFileSync(log, 'utf8'), /127\.0\.0\.1/);
});

/** With nothing told, and with everything. */
const templates: string[] = [];

test('synthesis needs no credentials and no network, and the checks of cdk-nag find nothing', () => {
  const LEAST = ['uploads=false', 'batch=true', 'batchSize=1'].flatMap((pair) => ['-c', pair]);
  for (const [args, stacks] of [[[], 1], [LEAST, 2], [ALL_ARGS, 2]] as const) {
    const { env, log } = offline();
    const { status, stdout, stderr, templates: made } = synth([...args], env);
    assert.equal(status, 0, stdout + stderr);
    assert.equal(made.length, stacks);
    assert.equal(existsSync(log), false);
    templates.push(...made);
  }
});

test('what is acknowledged is what cdk-nag would find, no more', (t) => {
  t.mock.method(Validations.prototype, 'acknowledge', () => {});
  // The report that is wanted here would look like a failure.
  t.mock.method(process.stderr, 'write', () => true);
  t.mock.method(console, 'error', () => {});
  const outdir = scratch();
  const app = new App({ context: CONTEXT, outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const props = { artifacts, tracing: true, functionUrl: true, alarmEmail: 'a@b.example' };
  new HttpStack(app, 'GlitchHttp', props);
  new BatchStack(app, 'GlitchBatch', { ...props, tracing: false, batch: true });
  assert.throws(() => app.synth(), /Validation failed/);
  const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  const found = pluginReports.flatMap((report: any) => report.violations).map((one: any) => one.ruleName);
  // The names of resources end in digits that are no part of the promise.
  const named = new Set(found.map((name: string) => name.replace(/[0-9A-F]{8}(?=[.>"])/g, '')));
  assert.deepEqual([...named].sort(), [
    'AwsSolutions-APIG4',
    'AwsSolutions-IAM5[Resource::*]',
    'AwsSolutions-IAM5[Resource::<Pictures.Arn>/*]',
    'AwsSolutions-IAM5[Resource::<Results.Arn>/*]',
    'AwsSolutions-IAM5[Resource::<UploadsPictures.Arn>/*]',
    'AwsSolutions-IAM5[Resource::<UploadsResults.Arn>/*]',
    'AwsSolutions-IAM5[Resource::<WorkerFunction.Arn>:*]',
    ...['', '/pictures'].map(
      (label) =>
        'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:' +
        `{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"Machine"}]}]}${label}:*]`,
    ),
    'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::<Results>/*]',
    'AwsSolutions-L1',
    'AwsSolutions-S1',
    'AwsSolutions-SF1',
    'AwsSolutions-SF2',
  ].sort());
});

test('cfn-lint finds nothing', needs('cfn-lint'), () => {
  assert.equal(templates.length, 5);
  const ran = run(String(installed('cfn-lint')), ['-t', ...templates]);
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
});

test('a wrong word on the command line ends in one clear line, not in a stack trace', () => {
  const { status, stderr } = synth(['-c', 'arch=x86_64']);
  assert.notEqual(status, 0);
  assert.match(stderr, /^.*bootstrap is for arm64, the function for x86_64: build one for x86_64, or say `-c arch=arm64`$/m);
  assert.doesNotMatch(stderr, /^ +at /m);
});
