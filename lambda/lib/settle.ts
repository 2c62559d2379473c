import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Props, Settings } from './props.ts';

/** Reads a value, which is text where it comes from the command line; throws what is wanted instead. */
type Reader<T> = (value: unknown) => T;

const RETENTIONS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** One reader for each of the props. */
const READERS: { readonly [K in keyof Required<Props>]: Reader<Required<Props>[K]> } = {
  artifacts: matching(/./s, 'a folder'),
  arch: oneOf('arm64', 'x86_64'),
  memory: whole(128, 10240),
  timeout: whole(5, 29),
  timeLimit: whole(1, 28),
  maxBytes: whole(1, 4_700_000),
  maxPixels: whole(1, 1_000_000_000),
  metrics: oneOf('embedded', 'off'),
  concurrency: whole(1, 1000),
  rate: whole(1, 10_000),
  burst: whole(1, 5000),
  corsOrigins: origins,
  retention: days,
  tracing: yesOrNo,
  alarms: yesOrNo,
  alarmEmail: matching(/^[^\s@]+@[^\s@]+$/, 'an e-mail address'),
  alarmTopic: matching(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
  functionUrl: yesOrNo,
  tokenSecret: matching(/^(arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@-]+$/, 'the name or ARN of a secret'),
  uploads: yesOrNo,
  // A form of S3 stores no more than 5 GiB; no instance has more than 10 of memory.
  uploadMaxBytes: whole(1, 1 << 30),
  uploadRate: whole(1, 10_000),
  uploadBurst: whole(1, 5000),
  uploadConcurrency: whole(2, 1000),
  workerMemory: whole(128, 10240),
  workerTimeout: whole(30, 900),
  batch: yesOrNo,
  batchPictures: bucket,
  batchResults: bucket,
  batchSize: whole(1, 40),
  batchConcurrency: whole(1, 10_000),
  batchTolerance: whole(0, 100),
};

/** The names of all props. */
export const NAMES = Object.keys(READERS) as (keyof Props)[];

/**
 * Checks the props and fills in the defaults.
 *
 * All that is wrong is told at once, a line each.
 */
export function settle(props: { readonly [name: string]: unknown }): Settings {
  const wrong: string[] = [];
  const read: { [name: string]: unknown } = {};
  for (const name of Object.keys(props)) {
    if (!isOurs(name)) {
      wrong.push(`there is no setting \`${name}\`: there are ${NAMES.join(', ')}`);
    } else if (props[name] !== undefined) {
      try {
        read[name] = READERS[name](props[name]);
      } catch (why) {
        wrong.push(`${name}: ${(why as Error).message}`);
      }
    }
  }
  const settings = withDefaults(read);
  if (wrong.length === 0) {
    wrong.push(...clashes(settings));
  }
  if (wrong.length > 0) {
    throw new Error(wrong.join('\n'));
  }
  return settings;
}

function isOurs(name: string): name is keyof Props {
  return Object.hasOwn(READERS, name);
}

function withDefaults(read: Props): Settings {
  const timeout = read.timeout ?? 28;
  return {
    artifacts: '../artifacts',
    arch: 'arm64',
    memory: 1769,
    timeout,
    // Room to start, and for the answer to get out.
    timeLimit: timeout - 3,
    rate: 5,
    burst: 30,
    corsOrigins: [],
    retention: 30,
    tracing: false,
    alarms: true,
    functionUrl: false,
    uploads: true,
    uploadMaxBytes: 100 << 20,
    uploadRate: 1,
    uploadBurst: 10,
    uploadConcurrency: 5,
    workerMemory: 1769,
    workerTimeout: 120,
    batch: false,
    batchSize: 10,
    batchConcurrency: 5,
    batchTolerance: 5,
    ...read,
  };
}

/** What is wrong with values that are right each by itself. */
function clashes(settings: Settings): string[] {
  const wrong: string[] = [];
  if (settings.timeLimit >= settings.timeout) {
    wrong.push(`timeLimit: less than the timeout of ${settings.timeout} s is wanted, not ${settings.timeLimit}`);
  }
  const heard = settings.alarmEmail ?? settings.alarmTopic;
  if (!settings.alarms && heard !== undefined) {
    wrong.push(`alarms: there are none for ${heard} to hear of`);
  }
  if (settings.alarmEmail !== undefined && settings.alarmTopic !== undefined) {
    wrong.push('alarmEmail: subscribe it to the topic that is given as alarmTopic');
  }
  const { batchPictures, batchResults } = settings;
  if (!settings.batch && (batchPictures ?? batchResults) !== undefined) {
    wrong.push('batch: true is wanted where its buckets are told');
  }
  if (batchPictures !== undefined && batchPictures === batchResults) {
    wrong.push('batchResults: another bucket than batchPictures is wanted, for a job would take results for pictures');
  }
  return wrong;
}

function fail(wanted: string, value: unknown): never {
  throw new Error(`${wanted} is wanted, not \`${typeof value === 'string' ? value : JSON.stringify(value)}\``);
}

function whole(least: number, most: number): Reader<number> {
  return (value) => {
    const text = String(value);
    const number = Number(text);
    const right = /^\d+$/.test(text) && number >= least && number <= most;
    return right ? number : fail(`a whole number from ${least} to ${most}`, value);
  };
}

function days(value: unknown): number {
  return RETENTIONS.find((days) => String(days) === String(value)) ?? fail(`one of ${RETENTIONS.join(', ')} days`, value);
}

function yesOrNo(value: unknown): boolean {
  return String(value) === 'true' || (String(value) !== 'false' && fail('true or false', value));
}

function oneOf<T extends string>(...words: T[]): Reader<T> {
  return (value) => words.find((word) => word === value) ?? fail(words.join(' or '), value);
}

function matching(pattern: RegExp, wanted: string): Reader<string> {
  return (value) => (typeof value === 'string' && pattern.test(value) ? value : fail(wanted, value));
}

/** A name of a bucket as S3 allows it, which is as the worker does. */
function bucket(value: unknown): string {
  return matching(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')(value);
}

/** As browsers send them, like the program itself reads them. */
function origins(value: unknown): string[] {
  const list: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
  return list.map((origin) => {
    const text = String(origin).trim();
    const right = text === '*' || /^https?:\/\/[A-Za-z0-9.:[\]-]+$/.test(text);
    return right ? text : fail('an origin like https://example.org, with nothing behind the host and port,', origin);
  });
}
