import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { BatchStack } from '../lib/batch-stack.ts';
import type { Props } from '../lib/props.ts';
import { properties, resource, rights } from './resources.ts';
import { block, CONTEXT, fakeArtifacts, needs, run, scratch } from './tools.ts';

const artifacts = fakeArtifacts('arm64');

function stack(props: Props = {}): BatchStack {
  return new BatchStack(new App({ context: CONTEXT }), 'GlitchBatch', { artifacts, batch: true, ...props });
}

function template(props: Props = {}): Template {
  return Template.fromStack(stack(props));
}

/** The definition of the state machine, with `<Name>` for what is known only later. */
function definition(of: Template): any {
  const { DefinitionString } = resource(of, 'AWS::StepFunctions::StateMachine', 'Machine')['Properties'];
  const parts: any[] = DefinitionString['Fn::Join'][1];
  const name = (part: any) => `<${(part.Ref ?? part['Fn::GetAtt'][0]).replace(/[0-9A-F]{8}$/, '')}>`;
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : name(part))).join(''));
}

const byDefault = template();
const states = definition(byDefault).States;
const map = states['All pictures'];

const JOB = {
  output_bucket: '<Results>',
  'output_prefix.$': '$.output_prefix',
  'recipe.$': '$.recipe',
  'job_seed.$': '$.job_seed',
};

test('a job is checked, and then is a map over the objects below a prefix', () => {
  assert.equal(definition(byDefault).StartAt, 'Check the job');
  const check = states['Check the job'];
  assert.deepEqual(check.Parameters.Payload, { Items: [], BatchInput: JOB });
  // The input is what the map needs too.
  assert.deepEqual([check.ResultPath, check.Next], [null, 'All pictures']);
  assert.deepEqual(map.ItemReader, {
    Resource: 'arn:<AWS::Partition>:states:::s3:listObjectsV2',
    Parameters: { Bucket: '<Pictures>', 'Prefix.$': '$.prefix' },
  });
  assert.deepEqual(map.ItemSelector, { bucket: '<Pictures>', 'key.$': '$$.Map.Item.Value.Key' });
});

test('the worker gets batches as it knows them', () => {
  assert.deepEqual(map.ItemBatcher, { MaxItemsPerBatch: 10, MaxInputBytesPerBatch: 65_536, BatchInput: JOB });
  assert.equal(definition(template({ batchSize: 40 })).States['All pictures'].ItemBatcher.MaxItemsPerBatch, 40);
  const one = definition(template({ batchSize: 1 })).States['All pictures'];
  assert.equal(one.ItemBatcher, undefined);
  assert.deepEqual(one.ItemSelector, { ...map.ItemSelector, BatchInput: JOB });
  const task = map.ItemProcessor.States['Glitch a batch'];
  assert.deepEqual([task.Parameters, task.OutputPath], [{ FunctionName: '<WorkerFunction>', 'Payload.$': '$' }, '$.Payload.results']);
});

test('batches are express executions, so many at once, and some may fail', () => {
  assert.deepEqual(map.ItemProcessor.ProcessorConfig, { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' });
  assert.deepEqual([map.MaxConcurrency, map.ToleratedFailurePercentage, map.Label], [5, 5, 'pictures']);
  const told = definition(template({ batchConcurrency: 500, batchTolerance: 0 })).States['All pictures'];
  // None is what Step Functions takes for none.
  assert.deepEqual([told.MaxConcurrency, told.ToleratedFailurePercentage], [500, undefined]);
});

test('what fails is tried again, later each time, and the five minutes of a batch are enough for all of it', () => {
  const retries: any[] = map.ItemProcessor.States['Glitch a batch'].Retry;
  const [service, worker] = retries;
  assert.deepEqual(states['Check the job'].Retry, [service]);
  for (const error of ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException']) {
    assert.ok(service.ErrorEquals.includes(error), error);
  }
  assert.deepEqual([worker.ErrorEquals, worker.MaxAttempts], [['States.ALL'], 2]);
  let waiting = 0;
  for (const { IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts, JitterStrategy } of retries) {
    assert.equal(JitterStrategy, 'FULL');
    for (let attempt = 0; attempt < MaxAttempts; attempt += 1) {
      waiting += Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds);
    }
  }
  const { Timeout } = resource(template({ workerTimeout: 900 }), 'AWS::Lambda::Function', 'Worker')['Properties'];
  assert.ok((1 + worker.MaxAttempts) * Timeout + waiting < 300, `${Timeout} s, and ${waiting} s of waiting`);
  assert.equal(resource(template({ workerTimeout: 60 }), 'AWS::Lambda::Function', 'Worker')['Properties'].Timeout, 60);
});

test('the lines go into the bucket of the results, one below the other', () => {
  assert.deepEqual(map.ResultWriter, {
    Resource: 'arn:<AWS::Partition>:states:::s3:putObject',
    Parameters: { Bucket: '<Results>', Prefix: 'jobs' },
    WriterConfig: { OutputType: 'JSONL', Transformation: 'FLATTEN' },
  });
});

test('the worker is what it is for uploads', () => {
  const { Environment, ...rest } = resource(template({ uploadMaxBytes: 1000, maxPixels: 7 }), 'AWS::Lambda::Function', 'Worker')['Properties'];
  assert.deepEqual(Environment.Variables, { GLITCH_UPLOAD_MAX_BYTES: '1000', GLITCH_MAX_PIXELS: '7' });
  assert.deepEqual([rest.Runtime, rest.Handler, rest.MemorySize, rest.LoggingConfig.LogFormat], ['provided.al2023', 'bootstrap', 1769, 'JSON']);
});

test('nobody may do more than what he does', () => {
  assert.deepEqual(rights(byDefault, 'WorkerRole'), [
    'logs:CreateLogStream WorkerLog',
    'logs:PutLogEvents WorkerLog',
    's3:GetObject Pictures/*',
    's3:GetObject Results/*',
    's3:ListBucket Pictures',
    's3:ListBucket Results',
    's3:PutObject Results/*',
  ]);
  const machine = rights(byDefault, 'MachineRole').filter((line) => !line.startsWith('logs:') && !line.startsWith('states:'));
  assert.deepEqual(machine, [
    'lambda:InvokeFunction WorkerFunction',
    'lambda:InvokeFunction WorkerFunction:*',
    's3:AbortMultipartUpload arn:AWS::Partition:s3:::Results/*',
    's3:GetObject arn:AWS::Partition:s3:::Results/*',
    's3:ListBucket Pictures',
    's3:ListMultipartUploadParts arn:AWS::Partition:s3:::Results/*',
    's3:PutObject arn:AWS::Partition:s3:::Results/*',
  ]);
  byDefault.resourceCountIs('AWS::IAM::Role', 2);
  byDefault.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent(), Policies: Match.absent() });
});

test('the buckets are private and stay, or are those that are told', () => {
  byDefault.resourceCountIs('AWS::S3::Bucket', 2);
  byDefault.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  byDefault.allResourcesProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    LifecycleConfiguration: { Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' }] },
  });
  byDefault.resourceCountIs('AWS::S3::BucketPolicy', 2);
  const told = template({ batchPictures: 'my-pictures', batchResults: 'my-results' });
  told.resourceCountIs('AWS::S3::Bucket', 0);
  const { ItemReader, ResultWriter, ItemBatcher } = definition(told).States['All pictures'];
  assert.equal(ItemReader.Parameters.Bucket, 'my-pictures');
  assert.deepEqual([ResultWriter.Parameters.Bucket, ItemBatcher.BatchInput.output_bucket], ['my-results', 'my-results']);
  told.hasOutput('PicturesBucket', { Value: 'my-pictures' });
  assert.ok(rights(told, 'WorkerRole').includes('s3:PutObject arn:AWS::Partition:s3:::my-results/*'));
});

test('failures are logged without the names of pictures, and traced where it is told', () => {
  const machine = resource(byDefault, 'AWS::StepFunctions::StateMachine', 'Machine')['Properties'];
  const { Level, IncludeExecutionData } = machine.LoggingConfiguration;
  assert.deepEqual([Level, IncludeExecutionData, machine.TracingConfiguration.Enabled], ['ERROR', false, false]);
  const traced = template({ tracing: true });
  traced.hasResourceProperties('AWS::StepFunctions::StateMachine', { TracingConfiguration: { Enabled: true } });
  traced.hasResourceProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
  const logs = Object.values(template({ retention: 7 }).findResources('AWS::Logs::LogGroup'));
  assert.equal(logs.length, 2);
  assert.ok(logs.every((log) => log['Properties'].RetentionInDays === 7 && log['DeletionPolicy'] === 'Delete'));
});

test('an alarm sees jobs that failed', () => {
  const [machine] = Object.keys(byDefault.findResources('AWS::StepFunctions::StateMachine'));
  const [alarm, ...more] = properties(byDefault, 'AWS::CloudWatch::Alarm');
  assert.deepEqual(more, []);
  assert.deepEqual([alarm.Namespace, alarm.MetricName, alarm.Threshold], ['AWS/States', 'ExecutionsFailed', 1]);
  assert.deepEqual(alarm.Dimensions, [{ Name: 'StateMachineArn', Value: { Ref: machine } }]);
  template({ alarms: false }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

test('the job and its buckets are outputs, and the CDK has no warning', () => {
  for (const name of ['Job', 'PicturesBucket', 'ResultsBucket']) {
    byDefault.hasOutput(name, {});
  }
  assert.deepEqual(Annotations.fromStack(stack({ alarmEmail: 'a@b.example' })).findWarning('*', Match.anyValue()), []);
});

test('the documented input is what a job reads', () => {
  const command = block('docs/batch.md', 'JOB=');
  const input = JSON.parse(String(/--input '(.*?)'/s.exec(command)?.[1]));
  const read = new Set(JSON.stringify(states).match(/(?<="\$\.)[a-z_]+(?=")/g));
  assert.deepEqual(new Set(Object.keys(input)), read);
});

/** Step Functions' files about a job, as it documents them, below a bucket; and its own answer. */
function reported(folder: string): object {
  const file = (key: string, text: string) => writeFileSync(join(folder, 'results', key), text);
  mkdirSync(join(folder, 'results/jobs/run'), { recursive: true });
  const detail = 'neither a JPEG nor a PNG; the data begins like text';
  const lines = [
    { key: 'photos/a b.jpg', output: 'glitched/a b.jpg', seed: '1', recipe: 'classic,seed=1', skipped: false, changed: 0.5, bytes: 7, error: null },
    { key: 'photos/ü.txt', output: null, seed: '2', recipe: 'classic,seed=2', skipped: false, changed: null, bytes: null, error: { detail } },
  ];
  file('jobs/run/SUCCEEDED_0.json', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const Input = JSON.stringify({ BatchInput: {}, Items: [{ bucket: 'pictures', key: 'photos/c.jpg' }, { bucket: 'pictures', key: 'photos/d.jpg' }] });
  const failed = { ExecutionArn: 'arn', Input, Name: 'name', Status: 'FAILED', Error: 'String', Cause: 'GET was answered 503' };
  file('jobs/run/FAILED_0.json', `${JSON.stringify(failed)}\n`);
  const keys = (name: string) => [{ Key: `jobs/run/${name}_0.json`, Size: 1 }];
  const ResultFiles = { FAILED: keys('FAILED'), PENDING: [], SUCCEEDED: keys('SUCCEEDED') };
  file('jobs/run/manifest.json', JSON.stringify({ DestinationBucket: 'results', MapRunArn: 'arn', ResultFiles }));
  return { MapRunArn: 'arn', ResultWriterDetails: { Bucket: 'results', Key: 'jobs/run/manifest.json' } };
}

test('the documented commands read the lines of a job', needs('jq'), () => {
  const folder = scratch();
  const answer = reported(folder);
  writeFileSync(join(folder, 'batch-outputs.json'), JSON.stringify({ GlitchBatch: { ResultsBucket: 'results' } }));
  const script = ['#!/bin/sh', 'case "$1 $2" in', `"stepfunctions describe-execution") echo '${JSON.stringify(answer)}' ;;`, '"s3 cp") cat "${3#s3://}" ;;', 'esac'];
  writeFileSync(join(folder, 'aws'), script.join('\n'), { mode: 0o755 });
  const [output] = block('docs/batch.md', 'output()').split('\n');
  const commands = ['JOB=arn', output, block('docs/batch.md', 'BUCKET='), block('docs/batch.md', 'aws s3 cp "s3://$BUCKET/$MANIFEST" - | jq -r \'.ResultFiles.FAILED')];
  const { status, stdout, stderr } = run('sh', ['-ec', commands.join('\n')], { PATH: `${folder}:${process.env['PATH']}` }, folder);
  assert.equal(status, 0, stderr);
  assert.deepEqual(stdout.trim().split('\n'), [
    '["photos/ü.txt","neither a JPEG nor a PNG; the data begins like text"]',
    'GET was answered 503',
    'photos/c.jpg',
    'photos/d.jpg',
  ]);
});
