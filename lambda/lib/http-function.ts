import { Duration, RemovalPolicy, SecretValue, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function,
  FunctionUrlAuthType,
  type FunctionUrl,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { checkProgram, PROGRAM } from './program.ts';
import type { Settings } from './props.ts';

/** The program `bootstrap` as a function, with a log and a role of its own. */
export class HttpFunction extends Construct {
  readonly function: Function;
  /** Where it is asked for. */
  readonly url: FunctionUrl | undefined;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: settings.retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The managed policy for this would let the function write to every log of the account.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Lets glitch write its log',
    });
    logGroup.grantWrite(role);
    const folder = checkProgram(settings.artifacts, settings.arch);
    this.function = new Function(this, 'Function', {
      description: 'glitch: the HTTP interface',
      runtime: Runtime.PROVIDED_AL2023,
      handler: PROGRAM,
      code: Code.fromAsset(folder, { exclude: ['*', `!${PROGRAM}`] }),
      architecture: settings.arch === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: settings.memory,
      timeout: Duration.seconds(settings.timeout),
      ...(settings.concurrency !== undefined && { reservedConcurrentExecutions: settings.concurrency }),
      environment: environment(settings),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    });
    if (settings.tracing) {
      Validations.of(role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'xray:PutTraceSegments and PutTelemetryRecords know no resources.',
      });
    }
    this.url = settings.functionUrl
      ? this.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })
      : undefined;
  }
}

/** The variables that the program heeds; what is not told keeps the program's own default. */
function environment(settings: Settings): { [name: string]: string } {
  const told: { [name: string]: string | number | undefined } = {
    GLITCH_TIME_LIMIT: settings.timeLimit,
    GLITCH_MAX_BYTES: settings.maxBytes,
    GLITCH_MAX_PIXELS: settings.maxPixels,
    GLITCH_METRICS: settings.metrics,
    GLITCH_CORS_ORIGINS: settings.corsOrigins.join(',') || undefined,
    GLITCH_TOKEN: token(settings.tokenSecret),
  };
  const pairs = Object.entries(told).filter(([, value]) => value !== undefined);
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]));
}

/**
 * A reference that CloudFormation resolves when it deploys, so that the token is in no template.
 * It is in the function's environment then: the program has no other place for it.
 */
function token(secret: string | undefined): string | undefined {
  return secret === undefined ? undefined : SecretValue.secretsManager(secret).unsafeUnwrap();
}
