import { Aws, Duration, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  DefinitionBody,
  DistributedMap,
  Errors,
  ItemBatcher,
  JitterType,
  JsonPath,
  LogLevel,
  OutputType,
  ResultWriterV2,
  type RetryProps,
  S3ObjectsItemReader,
  StateMachine,
  StateMachineType,
  TaskInput,
  type TaskStateBase,
  Transformation,
  WriterConfig,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { acknowledgeWild } from './acknowledge.ts';
import type { Settings } from './props.ts';

interface BatchMachineProps {
  readonly worker: IFunction;
  readonly pictures: IBucket;
  readonly results: IBucket;
  readonly settings: Settings;
}

/** Where in the bucket of the results the lines about them go. */
const REPORTS = 'jobs';

/** A part of the names of what runs for a job. */
const LABEL = 'pictures';

/** Lambda itself was to blame, and nothing was done yet: it soon is better. */
const SERVICE: RetryProps = {
  errors: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.TooManyRequestsException',
  ],
  interval: Duration.seconds(1),
  backoffRate: 2,
  maxAttempts: 6,
  maxDelay: Duration.seconds(20),
  jitterStrategy: JitterType.FULL,
};

/** S3 failed, the time was up, or the worker was killed: what is done already is skipped then. */
const WORKER: RetryProps = {
  errors: [Errors.ALL],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 2,
  maxDelay: Duration.seconds(10),
  jitterStrategy: JitterType.FULL,
};

/** A job: a Distributed Map that hands batches of the objects below a prefix to the worker. */
export class BatchMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: BatchMachineProps) {
    super(scope, id);
    const { retention, tracing } = props.settings;
    const logGroup = new LogGroup(this, 'Log', {
      // Step Functions writes down who may write to a log, and has little room for that: not for those with this prefix.
      logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new StateMachine(this, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(this.check(props).next(this.map(props))),
      comment: 'glitch: all pictures below a prefix',
      tracingEnabled: tracing,
      // Without data, which has the names of pictures.
      logs: { destination: logGroup, level: LogLevel.ERROR, includeExecutionData: false },
    });
    this.acknowledge(props);
  }

  /** A batch of nothing: a job that is wrong ends here, before thousands of batches fail for the same reason. */
  private check({ worker, results }: BatchMachineProps): TaskStateBase {
    const check = new LambdaInvoke(this, 'Check the job', {
      lambdaFunction: worker,
      payload: TaskInput.fromObject({ Items: [], BatchInput: batchInput(results) }),
      retryOnServiceExceptions: false,
      resultPath: JsonPath.DISCARD,
    });
    return check.addRetry(SERVICE);
  }

  private map({ worker, pictures, results, settings }: BatchMachineProps): DistributedMap {
    const batch = new LambdaInvoke(this, 'Glitch a batch', {
      lambdaFunction: worker,
      retryOnServiceExceptions: false,
      // The lines, which the result writer puts one below the other.
      outputPath: '$.Payload.results',
    });
    const one = settings.batchSize === 1;
    const map = new DistributedMap(this, 'All pictures', {
      label: LABEL,
      mapExecutionType: StateMachineType.EXPRESS,
      maxConcurrency: settings.batchConcurrency,
      toleratedFailurePercentage: settings.batchTolerance,
      itemReader: new S3ObjectsItemReader({ bucket: pictures, prefix: JsonPath.stringAt('$.prefix') }),
      itemSelector: {
        bucket: pictures.bucketName,
        key: JsonPath.stringAt('$$.Map.Item.Value.Key'),
        ...(one && { BatchInput: batchInput(results) }),
      },
      ...(!one && {
        itemBatcher: new ItemBatcher({
          maxItemsPerBatch: settings.batchSize,
          // With the lines about them it has to stay below 256 KiB, however long the keys are.
          maxInputBytesPerBatch: 64 << 10,
          batchInput: batchInput(results),
        }),
      }),
      resultWriterV2: new ResultWriterV2({
        bucket: results,
        prefix: REPORTS,
        writerConfig: new WriterConfig({ outputType: OutputType.JSONL, transformation: Transformation.FLATTEN }),
      }),
    });
    return map.itemProcessor(batch.addRetry(SERVICE).addRetry(WORKER));
  }

  private acknowledge({ worker, results, settings }: BatchMachineProps): void {
    const name = Fn.select(6, Fn.split(':', this.machine.stateMachineArn));
    const executions = `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${name}`;
    acknowledgeWild(this, `${worker.functionArn}:*`, 'The versions of this one function.');
    acknowledgeWild(this, `arn:${Aws.PARTITION}:s3:::${results.bucketName}/*`, 'The lines about a job go into this one bucket.');
    acknowledgeWild(this, '*', 'The delivery of logs, and X-Ray, know no resources.');
    for (const label of ['', `/${LABEL}`]) {
      acknowledgeWild(this, `${executions}${label}:*`, 'The executions of this one state machine.');
    }
    const reasons = { 'AwsSolutions-SF1': 'A line for every step of a million batches is for nobody; failures are logged.' };
    const tracing = { 'AwsSolutions-SF2': 'X-Ray costs by the trace: who wants it says `tracing`.' };
    for (const [id, reason] of Object.entries({ ...reasons, ...(!settings.tracing && tracing) })) {
      Validations.of(this).acknowledge({ id, reason });
    }
  }
}

/**
 * What is the same for all pictures; the execution's input has all of it but the bucket. The paths are
 * marked as such here, because the CDK does not do it everywhere: a batch would get `$.recipe` for a recipe.
 */
function batchInput(results: IBucket): object {
  return {
    output_bucket: results.bucketName,
    'output_prefix.$': '$.output_prefix',
    'recipe.$': '$.recipe',
    'job_seed.$': '$.job_seed',
  };
}
