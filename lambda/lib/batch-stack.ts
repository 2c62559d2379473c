import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { BatchMachine } from './batch-machine.ts';
import { allow, privateBucket } from './buckets.ts';
import type { Props } from './props.ts';
import { settle } from './settle.ts';
import { WorkerFunction } from './worker-function.ts';

/** Three attempts, and the waiting between them, are less than the five minutes of a batch. */
const MOST_SECONDS = 80;

/** Jobs over buckets of pictures. The output `Job` is what is started. */
export class BatchStack extends Stack {
  constructor(scope: Construct, id: string, props: Props = {}) {
    super(scope, id, { description: 'glitch for whole buckets' });
    const settings = settle({ ...props });
    const pictures = this.bucket('Pictures', settings.batchPictures);
    const results = this.bucket('Results', settings.batchResults);
    const timeout = Math.min(settings.workerTimeout, MOST_SECONDS);
    const worker = new WorkerFunction(this, 'Worker', { description: 'glitch: the worker for jobs', timeout }, settings);
    allow(worker.role, pictures, 'GetObject');
    allow(worker.role, results, 'PutObject', 'GetObject');
    const { machine } = new BatchMachine(this, 'Machine', { worker: worker.function, pictures, results, settings });
    if (settings.alarms) {
      new Alarms(this, 'Alarms', settings).watchJobs(machine);
    }
    new CfnOutput(this, 'Job', { value: machine.stateMachineArn, description: 'The state machine to start' });
    new CfnOutput(this, 'PicturesBucket', { value: pictures.bucketName, description: 'Where pictures are taken from' });
    new CfnOutput(this, 'ResultsBucket', { value: results.bucketName, description: 'Where results go' });
  }

  /** The bucket of this name, or else a new one. */
  private bucket(id: string, name: string | undefined): IBucket {
    return name === undefined ? privateBucket(this, id) : Bucket.fromBucketName(this, id, name);
  }
}
