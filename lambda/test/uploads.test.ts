import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { HttpStack } from '../lib/http-stack.ts';
import type { Props } from '../lib/props.ts';
import { properties, resource, rights } from './resources.ts';
import { fakeArtifacts, scratch } from './tools.ts';

const artifacts = fakeArtifacts('arm64');

function template(props: Props = {}): Template {
  return Template.fromStack(new HttpStack(new App(), 'GlitchHttp', { artifacts, ...props }));
}

const byDefault = template();

const fn = (start: string, of = byDefault) => resource(of, 'AWS::Lambda::Function', start);
const bucket = (start: string) => resource(byDefault, 'AWS::S3::Bucket', start);
const queue = (start: string, of = byDefault) => resource(of, 'AWS::SQS::Queue', start);

test('without uploads there is nothing of them', () => {
  const without = template({ uploads: false });
  for (const type of ['S3::Bucket', 'SQS::Queue', 'CloudFormation::CustomResource']) {
    without.resourceCountIs(`AWS::${type}`, 0);
  }
  without.resourceCountIs('AWS::Lambda::Function', 1);
  without.resourcePropertiesCountIs('AWS::ApiGatewayV2::Stage', { RouteSettings: Match.anyValue() }, 0);
  assert.equal(fn('HttpFunction', without)['Properties'].Environment.Variables.GLITCH_UPLOAD_BUCKET, undefined);
});

test('the buckets are private, and nothing stays in them or of them', () => {
  byDefault.resourceCountIs('AWS::S3::Bucket', 2);
  byDefault.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  byDefault.allResourcesProperties('AWS::S3::Bucket', {
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    LifecycleConfiguration: {
      Rules: [{ Status: 'Enabled', ExpirationInDays: 1, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
    },
  });
  for (const start of ['UploadsPictures', 'UploadsResults']) {
    const { id } = bucket(start);
    const policies = properties(byDefault, 'AWS::S3::BucketPolicy').filter((policy) => policy.Bucket.Ref === id);
    const statements = policies.flatMap((policy) => policy.PolicyDocument.Statement);
    assert.deepEqual(statements.map(({ Effect, Condition }) => [Effect, Condition]), [['Deny', { Bool: { 'aws:SecureTransport': 'false' } }]]);
  }
});

test('pages of any origin may send a picture, and read a result with what is told of it', () => {
  const [sent] = bucket('UploadsPictures')['Properties'].CorsConfiguration.CorsRules;
  assert.deepEqual([sent.AllowedOrigins, sent.AllowedMethods], [['*'], ['POST']]);
  const [read] = bucket('UploadsResults')['Properties'].CorsConfiguration.CorsRules;
  assert.deepEqual([read.AllowedOrigins, read.AllowedMethods], [['*'], ['GET', 'HEAD']]);
  for (const header of ['Content-Type', 'x-amz-meta-recipe', 'x-amz-meta-changed']) {
    assert.ok(read.ExposedHeaders.includes(header), header);
  }
});

test('S3 tells the queue of new pictures, and may, before there is a bucket', () => {
  const { id, ...rest } = bucket('UploadsPictures');
  const arn = { 'Fn::GetAtt': [queue('UploadsQueue').id, 'Arn'] };
  assert.deepEqual(rest['Properties'].NotificationConfiguration, { QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: arn }] });
  const policy = resource(byDefault, 'AWS::SQS::QueuePolicy', 'UploadsQueuePolicy');
  assert.ok(rest['DependsOn'].includes(policy.id));
  const allowed = policy['Properties'].PolicyDocument.Statement.filter((one: any) => one.Effect === 'Allow');
  assert.deepEqual(allowed, [
    {
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn,
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    },
  ]);
  assert.equal(bucket('UploadsResults')['Properties'].NotificationConfiguration, undefined);
});

test('what is not done comes again six times the time limit later, and then to the dead letters', () => {
  for (const [props, timeout] of [[{}, 120], [{ workerTimeout: 900 }, 900]] as const) {
    const of = template(props);
    assert.equal(fn('UploadsWorker', of)['Properties'].Timeout, timeout);
    const { VisibilityTimeout, RedrivePolicy } = queue('UploadsQueue', of)['Properties'];
    assert.equal(VisibilityTimeout, 6 * timeout);
    assert.deepEqual(RedrivePolicy, {
      deadLetterTargetArn: { 'Fn::GetAtt': [queue('UploadsDeadLetters', of).id, 'Arn'] },
      maxReceiveCount: 4,
    });
  }
  assert.equal(queue('UploadsQueue')['Properties'].MessageRetentionPeriod, 4 * 86_400);
  assert.equal(queue('UploadsDeadLetters')['Properties'].MessageRetentionPeriod, 14 * 86_400);
});

test('the queues are encrypted, refuse what is not, and go with the stack', () => {
  byDefault.resourceCountIs('AWS::SQS::Queue', 2);
  byDefault.allResources('AWS::SQS::Queue', { DeletionPolicy: 'Delete', Properties: { SqsManagedSseEnabled: true } });
  const policies = properties(byDefault, 'AWS::SQS::QueuePolicy');
  const denied = policies.flatMap((policy) => policy.PolicyDocument.Statement).filter((one) => one.Effect === 'Deny');
  assert.deepEqual(denied.map(({ Condition }) => Condition), Array(2).fill({ Bool: { 'aws:SecureTransport': 'false' } }));
});

test('the worker gets one picture at a time, so many at once, and tells what it did not do', () => {
  for (const [props, most] of [[{}, 5], [{ uploadConcurrency: 2 }, 2]] as const) {
    const of = template(props);
    assert.deepEqual(properties(of, 'AWS::Lambda::EventSourceMapping'), [
      {
        EventSourceArn: { 'Fn::GetAtt': [queue('UploadsQueue', of).id, 'Arn'] },
        FunctionName: { Ref: fn('UploadsWorker', of).id },
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: most },
      },
    ]);
  }
});

test('every setting of the worker arrives there', () => {
  const worker = (props: Props) => fn('UploadsWorker', template(props))['Properties'];
  const { Environment, ...rest } = worker({ workerMemory: 512, uploadMaxBytes: 1000, maxPixels: 7, tracing: true });
  const { GLITCH_RESULT_BUCKET, ...limits } = Environment.Variables;
  assert.ok(GLITCH_RESULT_BUCKET.Ref.startsWith('UploadsResults'));
  assert.deepEqual(limits, { GLITCH_UPLOAD_MAX_BYTES: '1000', GLITCH_MAX_PIXELS: '7' });
  assert.deepEqual([rest.MemorySize, rest.TracingConfig], [512, { Mode: 'Active' }]);
  const { Runtime, Handler, Architectures, MemorySize, LoggingConfig } = worker({});
  assert.deepEqual([Runtime, Handler, Architectures, MemorySize], ['provided.al2023', 'bootstrap', ['arm64'], 1769]);
  assert.equal(LoggingConfig.LogFormat, 'JSON');
});

test('the HTTP interface is told of the buckets', () => {
  const { Variables } = fn('HttpFunction', template({ uploadMaxBytes: 1000 }))['Properties'].Environment;
  assert.ok(Variables.GLITCH_UPLOAD_BUCKET.Ref.startsWith('UploadsPictures'));
  assert.ok(Variables.GLITCH_RESULT_BUCKET.Ref.startsWith('UploadsResults'));
  assert.equal(Variables.GLITCH_UPLOAD_MAX_BYTES, '1000');
});

test('nobody may do more than what he does', () => {
  const log = (name: string) => ['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} ${name}`);
  assert.deepEqual(rights(byDefault, 'HttpRole'), [
    ...log('HttpLog'),
    's3:GetObject UploadsPictures/*',
    's3:GetObject UploadsResults/*',
    's3:ListBucket UploadsPictures',
    's3:ListBucket UploadsResults',
    's3:PutObject UploadsPictures/*',
  ]);
  const messages = ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'];
  assert.deepEqual(rights(byDefault, 'UploadsWorkerRole'), [
    ...log('UploadsWorkerLog'),
    's3:GetObject UploadsPictures/*',
    's3:ListBucket UploadsPictures',
    's3:PutObject UploadsResults/*',
    ...messages.map((action) => `sqs:${action} UploadsQueue`),
  ]);
  const both = ['DeleteObject', 'ListBucket'].flatMap((action) =>
    ['UploadsPictures', 'UploadsResults'].map((name) => `s3:${action} ${name}${action === 'ListBucket' ? '' : '/*'}`),
  );
  assert.deepEqual(rights(byDefault, 'UploadsEmptiedRole'), [...log('UploadsEmptiedLog'), ...both]);
  byDefault.resourceCountIs('AWS::IAM::Role', 3);
  byDefault.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent(), Policies: Match.absent() });
});

test('before the buckets go they are emptied, when nobody can write into them any more', () => {
  const { id, ...emptied } = resource(byDefault, 'Custom::EmptiedBuckets', 'UploadsEmptied');
  const buckets = ['UploadsPictures', 'UploadsResults'].map((start) => ({ Ref: bucket(start).id }));
  assert.deepEqual(emptied['Properties'].Buckets, buckets);
  const role = resource(byDefault, 'AWS::IAM::Role', 'UploadsEmptiedRole');
  const policy = resource(byDefault, 'AWS::IAM::Policy', 'UploadsEmptiedRole');
  assert.ok([role.id, policy.id].every((needed) => emptied['DependsOn'].includes(needed)));
  for (const start of ['HttpRole', 'UploadsWorkerRole']) {
    assert.ok(resource(byDefault, 'AWS::IAM::Role', start)['DependsOn'].includes(id), start);
    assert.ok(resource(byDefault, 'AWS::IAM::Policy', start)['DependsOn'].includes(id), start);
  }
});

test('every log expires, and goes with the stack', () => {
  const logs = Object.values(template({ retention: 7 }).findResources('AWS::Logs::LogGroup'));
  assert.equal(logs.length, 4);
  assert.ok(logs.every((log) => log['Properties'].RetentionInDays === 7 && log['DeletionPolicy'] === 'Delete'));
  byDefault.allResourcesProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: Match.anyValue() } });
});

test('forms have a throttle of their own, lower than that of the rest', () => {
  for (const [props, rate, burst] of [[{}, 1, 10], [{ uploadRate: 3, uploadBurst: 4 }, 3, 4]] as const) {
    const of = template(props);
    const stage = resource(of, 'AWS::ApiGatewayV2::Stage', 'PublicStage');
    assert.deepEqual(stage['Properties'].RouteSettings, {
      'POST /uploads': { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst },
    });
    assert.deepEqual(stage['Properties'].DefaultRouteSettings, { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 30 });
    const [[route, about]] = Object.entries(of.findResources('AWS::ApiGatewayV2::Route', { Properties: { RouteKey: 'POST /uploads' } })) as any;
    assert.ok(stage['DependsOn'].includes(route));
    const [other] = properties(of, 'AWS::ApiGatewayV2::Route').filter((one) => one.RouteKey === '$default');
    assert.deepEqual(about.Properties.Target, other.Target);
  }
});

test('an alarm sees dead letters, and an output tells where they are', () => {
  const [alarm] = properties(byDefault, 'AWS::CloudWatch::Alarm').filter((one) => one.Namespace === 'AWS/SQS');
  assert.deepEqual([alarm.MetricName, alarm.Statistic, alarm.Threshold], ['ApproximateNumberOfMessagesVisible', 'Maximum', 1]);
  const [{ Value }] = alarm.Dimensions;
  assert.deepEqual(Value, { 'Fn::GetAtt': [queue('UploadsDeadLetters').id, 'QueueName'] });
  template({ alarms: false }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
  byDefault.hasOutput('DeadLetters', { Value: { 'Fn::GetAtt': [queue('UploadsDeadLetters').id, 'Arn'] } });
});

test('each function gets its own program and nothing else', () => {
  const outdir = scratch();
  const app = new App({ outdir });
  new HttpStack(app, 'GlitchHttp', { artifacts });
  app.synth();
  const assets = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  const contents = assets.map((name) => {
    assert.deepEqual(readdirSync(join(outdir, name)), ['bootstrap']);
    return readFileSync(join(outdir, name, 'bootstrap')).toString('hex');
  });
  const wanted = ['bootstrap', 'worker/bootstrap'].map((name) => readFileSync(join(artifacts, name)).toString('hex'));
  assert.deepEqual(contents.sort(), wanted.sort());
});

test('a worker that is not there, or for another processor, is told', () => {
  const other = fakeArtifacts('x86_64');
  assert.throws(() => template({ artifacts: join(other, 'worker') }), /bootstrap is for x86_64/);
  assert.throws(() => template({ artifacts: join(artifacts, 'worker') }), /worker\/bootstrap cannot be read \(ENOENT\): `make artifacts`/);
});

test('the CDK has no warning', () => {
  const stack = new HttpStack(new App(), 'GlitchHttp', { artifacts, alarmEmail: 'a@b.example' });
  assert.deepEqual(Annotations.fromStack(stack).findWarning('*', Match.anyValue()), []);
});
