/** What the stacks may be told. Every field is a key of the CDK context, too. */
export interface Props {
  /**
   * The folder that holds the program `bootstrap`, and the worker as `worker/bootstrap`.
   * @default '../artifacts'
   */
  readonly artifacts?: string;

  /**
   * The processor, for which the programs have to be built: `arm64` or `x86_64`.
   * @default 'arm64'
   */
  readonly arch?: Arch;

  /**
   * Memory of an instance of the HTTP interface, 128 to 10240 MB; with 1769 it has one whole processor core.
   * @default 1769
   */
  readonly memory?: number;

  /**
   * Seconds after which Lambda kills a request, 5 to 29: the API itself gives up after 30.
   * @default 28
   */
  readonly timeout?: number;

  /**
   * `GLITCH_TIME_LIMIT`: seconds after which the program answers that it is out of time, less than `timeout`.
   * @default timeout - 3
   */
  readonly timeLimit?: number;

  /**
   * `GLITCH_MAX_BYTES`: most bytes of a picture, up to what Lambda lets through.
   * @default 4700000
   */
  readonly maxBytes?: number;

  /**
   * `GLITCH_MAX_PIXELS`: most pixels of a picture. With less than 1769 MB of memory it should be lower.
   * @default 50000000
   */
  readonly maxPixels?: number;

  /**
   * `GLITCH_METRICS`: `embedded` (metrics of CloudWatch, from the log) or `off`.
   * @default 'embedded'
   */
  readonly metrics?: 'embedded' | 'off';

  /**
   * Most instances at once, reserved from the account's own limit.
   * @default none: a new account has 10 in all, of which none can be reserved
   */
  readonly concurrency?: number;

  /**
   * Requests a second that the API lets through in the long run, 1 to 10000.
   * @default 5
   */
  readonly rate?: number;

  /**
   * Requests that the API lets through at once, 1 to 5000.
   * @default 30
   */
  readonly burst?: number;

  /**
   * `GLITCH_CORS_ORIGINS`: origins whose pages may use the API, with commas between, or `*`.
   * @default none
   */
  readonly corsOrigins?: readonly string[];

  /**
   * Days after which log lines are deleted, one of the numbers that CloudWatch has.
   * @default 30
   */
  readonly retention?: number;

  /**
   * Whether requests are traced by X-Ray, which costs by the trace.
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * Whether there are alarms: errors, throttled requests, slow requests, answers of status 5xx, uploads and jobs
   * that failed.
   * @default true
   */
  readonly alarms?: boolean;

  /**
   * An e-mail address that hears of alarms, once it has confirmed that it wants to.
   * @default none
   */
  readonly alarmEmail?: string;

  /**
   * The ARN of an SNS topic that hears of alarms.
   * @default none
   */
  readonly alarmTopic?: string;

  /**
   * Whether the function has a public address of its own, which knows no throttling: set `concurrency` with it.
   * @default false
   */
  readonly functionUrl?: boolean;

  /**
   * The name or ARN of a secret in Secrets Manager, a plain text, which becomes `GLITCH_TOKEN`.
   * @default none: everybody may use the API
   */
  readonly tokenSecret?: string;
  /**
   * Whether pictures that are too large for a request may go through S3.
   * @default true
   */
  readonly uploads?: boolean;
  /**
   * `GLITCH_UPLOAD_MAX_BYTES`: most bytes of a picture that goes through S3, and of one of a job.
   * @default 104857600
   */
  readonly uploadMaxBytes?: number;
  /**
   * Upload forms a second that the API gives out in the long run, 1 to 10000. Each is a picture to store and to work on.
   * @default 1
   */
  readonly uploadRate?: number;
  /**
   * Upload forms that the API gives out at once, 1 to 5000.
   * @default 10
   */
  readonly uploadBurst?: number;
  /**
   * Uploads that are worked on at once, 2 to 1000; more wait in the queue.
   * @default 5
   */
  readonly uploadConcurrency?: number;
  /**
   * Memory of an instance of the worker, 128 to 10240 MB.
   * @default 1769: one whole processor core; the largest pictures take 1 GB
   */
  readonly workerMemory?: number;
  /**
   * Seconds after which Lambda kills a worker, 30 to 900. One of a job has no more than 80.
   * @default 120
   */
  readonly workerTimeout?: number;
  /**
   * Whether there is the stack `GlitchBatch`, for jobs over whole buckets.
   * @default false
   */
  readonly batch?: boolean;
  /**
   * The bucket that jobs take pictures from.
   * @default a new one, which stays when the stack goes
   */
  readonly batchPictures?: string;
  /**
   * The bucket that jobs store results in.
   * @default a new one, which stays when the stack goes
   */
  readonly batchResults?: string;
  /**
   * Pictures that a worker of a job gets at once, 1 to 40.
   * @default 10
   */
  readonly batchSize?: number;
  /**
   * Workers of a job at once, 1 to 10000.
   * @default 5
   */
  readonly batchConcurrency?: number;
  /**
   * How many of a hundred pictures may come to nothing for want of S3 or Lambda before a job ends as failed, 0 to 100.
   * @default 5
   */
  readonly batchTolerance?: number;
}

export type Arch = 'arm64' | 'x86_64';

/** The props with all defaults filled in. */
export type Settings = Props & Required<Omit<Props, Optional>>;

type Optional =
  | 'maxBytes'
  | 'maxPixels'
  | 'metrics'
  | 'concurrency'
  | 'alarmEmail'
  | 'alarmTopic'
  | 'tokenSecret'
  | 'batchPictures'
  | 'batchResults';
