import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnStage, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination, PayloadFormatVersion } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from './props.ts';

/**
 * What a line of the access log has. No path: that of `curl -T photo.jpg` is the name of a picture,
 * which is nobody's business. The function's log has the route, found by `functionRequestId`.
 */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  functionRequestId: '$context.integration.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  protocol: '$context.protocol',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  functionMilliseconds: '$context.integrationLatency',
  error: '$context.error.message',
  functionError: '$context.integrationErrorMessage',
};

/** The API: all paths and methods go to the function, which knows them. */
export class PublicApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: { readonly function: IFunction; readonly settings: Settings }) {
    super(scope, id);
    const { rate, burst, retention, uploads } = props.settings;
    const integration = new HttpLambdaIntegration('Integration', props.function, {
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
    });
    // No CORS here: the function answers preflights, and two answers contradict each other.
    this.api = new HttpApi(this, 'Api', {
      apiName: 'glitch',
      description: 'glitch: the HTTP interface',
      createDefaultStage: false,
      defaultIntegration: integration,
    });
    const log = new LogGroup(this, 'AccessLog', { retention, removalPolicy: RemovalPolicy.DESTROY });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: rate, burstLimit: burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    if (uploads) {
      this.slowUploads(integration, props.settings);
    }
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Public by design, behind throttling; who wants a token gives tokenSecret, which the function checks.',
    });
  }

  /** Of forms there are fewer than of other answers: each is a picture to store, and to work on. */
  private slowUploads(integration: HttpLambdaIntegration, { uploadRate, uploadBurst }: Settings): void {
    const routes = this.api.addRoutes({ path: '/uploads', methods: [HttpMethod.POST], integration });
    const stage = this.stage.node.defaultChild as CfnStage;
    stage.routeSettings = {
      'POST /uploads': { ThrottlingRateLimit: uploadRate, ThrottlingBurstLimit: uploadBurst },
    };
    // A stage cannot tell of a route that is not there yet.
    this.stage.node.addDependency(...routes);
  }
}
