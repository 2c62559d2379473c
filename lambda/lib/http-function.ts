import { SecretValue } from 'aws-cdk-lib';
import { FunctionUrlAuthType, type FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ProgramFunction } from './program-function.ts';
import type { Settings } from './props.ts';

/** The router as a function. */
export class HttpFunction extends ProgramFunction {
  /** Where it is asked for. */
  readonly url: FunctionUrl | undefined;

  constructor(scope: Construct, id: string, settings: Settings) {
    const props = {
      description: 'glitch: the HTTP interface',
      folder: settings.artifacts,
      memory: settings.memory,
      timeout: settings.timeout,
      concurrency: settings.concurrency,
      environment: {
        GLITCH_TIME_LIMIT: settings.timeLimit,
        GLITCH_MAX_BYTES: settings.maxBytes,
        GLITCH_MAX_PIXELS: settings.maxPixels,
        GLITCH_METRICS: settings.metrics,
        GLITCH_CORS_ORIGINS: settings.corsOrigins.join(',') || undefined,
        GLITCH_TOKEN: token(settings.tokenSecret),
      },
    };
    super(scope, id, props, settings);
    this.url = settings.functionUrl
      ? this.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })
      : undefined;
  }
}

/**
 * A reference that CloudFormation resolves when it deploys, so that the token is in no template.
 * It is in the function's environment then: the program has no other place for it.
 */
function token(secret: string | undefined): string | undefined {
  return secret === undefined ? undefined : SecretValue.secretsManager(secret).unsafeUnwrap();
}
