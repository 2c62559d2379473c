import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type Bucket, type CfnBucket, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow, passingBucket } from './buckets.ts';
import { Emptied } from './emptied.ts';
import type { HttpFunction } from './http-function.ts';
import type { Settings } from './props.ts';
import { WorkerFunction } from './worker-function.ts';

interface UploadsProps {
  /** What hands out the forms, and tells of results. */
  readonly http: HttpFunction;
  readonly settings: Settings;
}

/** Pictures that are too large for a request: a bucket for them, a queue, the worker, a bucket for results. */
export class Uploads extends Construct {
  /** Messages that the worker could not do. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { http, settings }: UploadsProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', { ...SAFE, retentionPeriod: Duration.days(14) });
    const queue = new Queue(this, 'Queue', {
      ...SAFE,
      // What AWS advises: a throttled worker is tried again for as long.
      visibilityTimeout: Duration.seconds(6 * settings.workerTimeout),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 4 },
    });
    // The form and the address of a result are secrets, whichever page has them; and a browser that was
    // sent on by the API tells the origin `null`.
    const pictures = passingBucket(this, 'Pictures', { allowedOrigins: ['*'], allowedMethods: [HttpMethods.POST], maxAge: 3600 });
    const results = passingBucket(this, 'Results', {
      allowedOrigins: ['*'],
      allowedMethods: [HttpMethods.GET, HttpMethods.HEAD],
      exposedHeaders: ['Content-Type', 'Content-Disposition', 'Content-Length', 'x-amz-meta-recipe', 'x-amz-meta-changed'],
      maxAge: 3600,
    });
    notify(pictures, queue);
    const description = 'glitch: the worker for uploads';
    const worker = new WorkerFunction(this, 'Worker', { description, timeout: settings.workerTimeout, resultBucket: results.bucketName }, settings);
    worker.function.addEventSource(
      new SqsEventSource(queue, {
        // A second picture would wait for the first, and gain nothing.
        batchSize: 1,
        // How the worker tells what is to come again, even of one.
        reportBatchItemFailures: true,
        maxConcurrency: settings.uploadConcurrency,
      }),
    );
    allow(worker.role, pictures, 'GetObject');
    allow(worker.role, results, 'PutObject');
    // The forms that it signs can do no more than it can itself.
    allow(http.role, pictures, 'PutObject', 'GetObject');
    allow(http.role, results, 'GetObject');
    http.function.addEnvironment('GLITCH_UPLOAD_BUCKET', pictures.bucketName);
    http.function.addEnvironment('GLITCH_RESULT_BUCKET', results.bucketName);
    http.function.addEnvironment('GLITCH_UPLOAD_MAX_BYTES', String(settings.uploadMaxBytes));
    const emptied = new Emptied(this, 'Emptied', [pictures, results], settings);
    for (const writer of [http, worker]) {
      writer.role.node.addDependency(emptied);
    }
  }
}

const SAFE = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, removalPolicy: RemovalPolicy.DESTROY };

/**
 * Tells the queue of every new object. The CDK's own way is a function that may change every bucket of the
 * account; for CloudFormation's the queue has to let S3 in before there is a bucket that it could name.
 */
function notify(bucket: Bucket, queue: Queue): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  const told = bucket.node.defaultChild as CfnBucket;
  told.notificationConfiguration = { queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: queue.queueArn }] };
  told.node.addDependency(queue);
}
