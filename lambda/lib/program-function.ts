import { Duration, IgnoreMode, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { checkProgram, PROGRAM } from './program.ts';
import type { Settings } from './props.ts';

export interface ProgramProps {
  readonly description: string;
  /** The folder that holds `bootstrap`. */
  readonly folder: string;
  readonly memory: number;
  /** In seconds. */
  readonly timeout: number;
  /** Most instances at once, if they are reserved. */
  readonly concurrency?: number | undefined;
  /** The variables that the program heeds; what is not told keeps the program's own default. */
  readonly environment: { readonly [name: string]: string | number | undefined };
}

/** A program as a function, with a log and a role of its own. */
export class ProgramFunction extends Construct {
  readonly function: Function;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ProgramProps, settings: Settings) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: settings.retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The managed policy for this would let the function write to every log of the account.
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${props.description}: its log, and what it works on`,
    });
    logGroup.grantWrite(this.role);
    const folder = checkProgram(props.folder, settings.arch);
    this.function = new Function(this, 'Function', {
      description: props.description,
      runtime: Runtime.PROVIDED_AL2023,
      handler: PROGRAM,
      // Not the ones in folders below.
      code: Code.fromAsset(folder, { exclude: ['*', `!/${PROGRAM}`], ignoreMode: IgnoreMode.GIT }),
      architecture: settings.arch === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: props.memory,
      timeout: Duration.seconds(props.timeout),
      ...(props.concurrency !== undefined && { reservedConcurrentExecutions: props.concurrency }),
      environment: told(props.environment),
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    });
    if (settings.tracing) {
      Validations.of(this.role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'xray:PutTraceSegments and PutTelemetryRecords know no resources.',
      });
    }
  }
}

function told(variables: ProgramProps['environment']): { [name: string]: string } {
  const pairs = Object.entries(variables).filter(([, value]) => value !== undefined);
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]));
}
