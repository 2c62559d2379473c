import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { HttpStack } from '../lib/http-stack.ts';
import type { Props } from '../lib/props.ts';
import { properties } from './resources.ts';
import { fakeArtifacts } from './tools.ts';

const artifacts = { arm64: fakeArtifacts('arm64'), x86_64: fakeArtifacts('x86_64') };

/** Without what uploads.test.ts is about. */
function template(props: Props = {}): Template {
  const stack = new HttpStack(new App(), 'GlitchHttp', { artifacts: artifacts[props.arch ?? 'arm64'], uploads: false, ...props });
  return Template.fromStack(stack);
}

const byDefault = template();

test('the function is what Lambda needs to run the program', () => {
  byDefault.resourceCountIs('AWS::Lambda::Function', 1);
  byDefault.hasResourceProperties('AWS::Lambda::Function', {
    Runtime: 'provided.al2023',
    Handler: 'bootstrap',
    Architectures: ['arm64'],
    MemorySize: 1769,
    Timeout: 28,
    Environment: { Variables: { GLITCH_TIME_LIMIT: '25' } },
    LoggingConfig: { LogFormat: 'JSON' },
    ReservedConcurrentExecutions: Match.absent(),
    TracingConfig: Match.absent(),
  });
});

test('the processor is that of the program', () => {
  template({ arch: 'x86_64' }).hasResourceProperties('AWS::Lambda::Function', { Architectures: ['x86_64'] });
  assert.throws(() => template({ arch: 'x86_64', artifacts: artifacts.arm64 }), /is for arm64, the function for x86_64/);
});

test('every setting of the function arrives there', () => {
  const told = template({
    memory: 512,
    timeout: 10,
    concurrency: 5,
    maxBytes: 1_000_000,
    maxPixels: 12_000_000,
    metrics: 'off',
    corsOrigins: ['https://a.example', 'https://b.example'],
    tracing: true,
    tokenSecret: 'glitch/token',
  });
  told.hasResourceProperties('AWS::Lambda::Function', {
    MemorySize: 512,
    Timeout: 10,
    ReservedConcurrentExecutions: 5,
    TracingConfig: { Mode: 'Active' },
    Environment: {
      Variables: {
        GLITCH_TIME_LIMIT: '7',
        GLITCH_MAX_BYTES: '1000000',
        GLITCH_MAX_PIXELS: '12000000',
        GLITCH_METRICS: 'off',
        GLITCH_CORS_ORIGINS: 'https://a.example,https://b.example',
        GLITCH_TOKEN: '{{resolve:secretsmanager:glitch/token:SecretString:::}}',
      },
    },
  });
});

test('the API is an HTTP API that sends everything to the function, as payload 2.0', () => {
  byDefault.resourceCountIs('AWS::ApiGateway::RestApi', 0);
  byDefault.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
  byDefault.resourceCountIs('AWS::ApiGatewayV2::Route', 1);
  byDefault.hasResourceProperties('AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' });
  byDefault.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: '$default' });
  byDefault.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
    IntegrationType: 'AWS_PROXY',
    PayloadFormatVersion: '2.0',
  });
});

test('preflights are left to the function', () => {
  const told = template({ corsOrigins: ['*'], functionUrl: true });
  told.hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });
  told.hasResourceProperties('AWS::Lambda::Url', { Cors: Match.absent() });
});

test('the stage adds nothing to the path, throttles and logs JSON without paths', () => {
  for (const [props, rate, burst] of [[{}, 5, 30], [{ rate: 3, burst: 5 }, 3, 5]] as const) {
    template(props).hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst },
    });
  }
  const [stage] = properties(byDefault, 'AWS::ApiGatewayV2::Stage');
  const format = JSON.parse(stage.AccessLogSettings.Format);
  assert.equal(format.requestId, '$context.requestId');
  assert.doesNotMatch(stage.AccessLogSettings.Format, /\$context\.path/);
});

test('every log expires, and goes with the stack', () => {
  const told = template({ retention: 7, alarmEmail: 'a@b.example', functionUrl: true });
  const logs = Object.values(told.findResources('AWS::Logs::LogGroup'));
  assert.equal(logs.length, 2);
  for (const log of logs) {
    assert.equal(log['Properties'].RetentionInDays, 7);
    assert.equal(log['DeletionPolicy'], 'Delete');
  }
  // A function without a log group of its own makes one that stays for ever.
  told.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: Match.anyValue() } });
});

test('the role may write its own log and nothing else', () => {
  byDefault.resourceCountIs('AWS::IAM::Role', 1);
  byDefault.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent(), Policies: Match.absent() });
  const [fn] = properties(byDefault, 'AWS::Lambda::Function');
  const log = fn.LoggingConfig.LogGroup.Ref;
  const statements = properties(byDefault, 'AWS::IAM::Policy').flatMap((policy) => policy.PolicyDocument.Statement);
  assert.deepEqual(statements, [
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [log, 'Arn'] } },
  ]);
  // Tracing is the one thing that has no narrower resource.
  const traced = properties(template({ tracing: true }), 'AWS::IAM::Policy');
  const wild = traced.flatMap((policy) => policy.PolicyDocument.Statement).filter((one) => JSON.stringify(one).includes('*'));
  assert.deepEqual(wild.map((one) => one.Action), [['xray:PutTraceSegments', 'xray:PutTelemetryRecords']]);
});

test('only the API may call the function, unless it has an address of its own', () => {
  const principals = (of: Template) => properties(of, 'AWS::Lambda::Permission').map((one) => one.Principal);
  assert.deepEqual(principals(byDefault), ['apigateway.amazonaws.com']);
  byDefault.resourceCountIs('AWS::Lambda::Url', 0);
  const told = template({ functionUrl: true });
  assert.deepEqual(principals(told).sort(), ['*', '*', 'apigateway.amazonaws.com']);
  told.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' });
  told.hasOutput('FunctionUrl', {});
});

test('alarms see errors, throttling, slowness and answers of status 5xx', () => {
  const seen = properties(byDefault, 'AWS::CloudWatch::Alarm');
  const told = seen.map((alarm) => [alarm.Namespace, alarm.MetricName, alarm.Statistic ?? alarm.ExtendedStatistic, alarm.Threshold]);
  assert.deepEqual(told, [
    ['AWS/Lambda', 'Errors', 'Sum', 1],
    ['AWS/Lambda', 'Throttles', 'Sum', 1],
    ['AWS/ApiGateway', '5xx', 'Sum', 1],
    ['AWS/Lambda', 'Duration', 'p99', 20_000],
  ]);
  assert.ok(seen.every((alarm) => alarm.TreatMissingData === 'notBreaching' && alarm.AlarmActions === undefined));
  template({ alarms: false }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

test('alarms reach a mailbox, through a topic that lets them in, or the topic that is given', () => {
  const mailed = template({ alarmEmail: 'a@b.example' });
  const [topic] = Object.keys(mailed.findResources('AWS::SNS::Topic'));
  mailed.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'a@b.example' });
  mailed.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: topic }] });
  mailed.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' }),
      ]),
    },
  });
  const arn = 'arn:aws:sns:eu-central-1:123456789012:ops';
  const given = template({ alarmTopic: arn });
  given.resourceCountIs('AWS::SNS::Topic', 0);
  given.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [arn] });
});

test('the address is an output, and nothing is there that is not meant', () => {
  const [api] = Object.keys(byDefault.findResources('AWS::ApiGatewayV2::Api'));
  byDefault.hasOutput('Url', { Value: { 'Fn::GetAtt': [api, 'ApiEndpoint'] } });
  const types = Object.values(byDefault.toJSON()['Resources'] as Record<string, { Type: string }>).map(({ Type }) => Type);
  assert.deepEqual(types.sort(), [
    'AWS::ApiGatewayV2::Api',
    'AWS::ApiGatewayV2::Integration',
    'AWS::ApiGatewayV2::Route',
    'AWS::ApiGatewayV2::Stage',
    ...Array(4).fill('AWS::CloudWatch::Alarm'),
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
    'AWS::Lambda::Permission',
    ...Array(2).fill('AWS::Logs::LogGroup'),
  ]);
});

test('the CDK has no warning', () => {
  const stack = new HttpStack(new App(), 'GlitchHttp', { artifacts: artifacts.arm64, alarmEmail: 'a@b.example' });
  assert.deepEqual(Annotations.fromStack(stack).findWarning('*', Match.anyValue()), []);
});
