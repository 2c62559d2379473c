import { readFileSync } from 'node:fs';
import { CustomResource, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow } from './buckets.ts';
import type { Settings } from './props.ts';

/**
 * Empties buckets before they are deleted.
 *
 * `autoDeleteObjects` of the CDK does this too, but its function may write to every log of the account,
 * and leaves one behind that never expires. Roles that let anybody write into the buckets depend on this
 * construct, so that they are gone when it does its work.
 */
export class Emptied extends Construct {
  constructor(scope: Construct, id: string, buckets: readonly Bucket[], settings: Settings) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', { retention: settings.retention, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'glitch: empties buckets that are deleted',
    });
    logGroup.grantWrite(role);
    for (const bucket of buckets) {
      allow(role, bucket, 'DeleteObject');
    }
    const timeout = Duration.minutes(15);
    const emptying = new Function(this, 'Function', {
      description: 'glitch: empties buckets that are deleted',
      runtime: Runtime.PYTHON_3_14,
      handler: 'index.handler',
      code: Code.fromInline(readFileSync(new URL('empty.py', import.meta.url), 'utf8')),
      memorySize: 256,
      timeout,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
    Validations.of(emptying).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'Nothing in it is of a newer Python, and this one is in all regions.',
    });
    const resource = new CustomResource(this, 'Buckets', {
      resourceType: 'Custom::EmptiedBuckets',
      serviceToken: emptying.functionArn,
      // CloudFormation would wait an hour for a function that was killed.
      serviceTimeout: timeout.plus(Duration.minutes(1)),
      properties: { Buckets: buckets.map((bucket) => bucket.bucketName) },
    });
    // What it may do has to be there as long as it is.
    resource.node.addDependency(role, logGroup);
  }
}
