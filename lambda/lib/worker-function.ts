import { join } from 'node:path';
import type { Construct } from 'constructs';
import { ProgramFunction } from './program-function.ts';
import type { Settings } from './props.ts';

export interface WorkerProps {
  readonly description: string;
  /** In seconds. */
  readonly timeout: number;
  /** Where the results of uploads go; a job has a bucket of its own. */
  readonly resultBucket?: string;
}

/** The worker as a function. */
export class WorkerFunction extends ProgramFunction {
  constructor(scope: Construct, id: string, props: WorkerProps, settings: Settings) {
    const program = {
      description: props.description,
      folder: join(settings.artifacts, 'worker'),
      memory: settings.workerMemory,
      timeout: props.timeout,
      environment: {
        GLITCH_RESULT_BUCKET: props.resultBucket,
        GLITCH_UPLOAD_MAX_BYTES: settings.uploadMaxBytes,
        GLITCH_MAX_PIXELS: settings.maxPixels,
      },
    };
    super(scope, id, program, settings);
  }
}
