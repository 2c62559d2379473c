import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { PublicApi } from './http-api.ts';
import { HttpFunction } from './http-function.ts';
import type { Props } from './props.ts';
import { settle } from './settle.ts';
import { Uploads } from './uploads.ts';

/** glitch behind an HTTP API. The output `Url` is where pictures are sent. */
export class HttpStack extends Stack {
  constructor(scope: Construct, id: string, props: Props = {}) {
    super(scope, id, { description: 'glitch behind an HTTP API' });
    const settings = settle({ ...props });
    const http = new HttpFunction(this, 'Http', settings);
    const uploads = settings.uploads ? new Uploads(this, 'Uploads', { http, settings }) : undefined;
    const { api, stage } = new PublicApi(this, 'Public', { function: http.function, settings });
    if (settings.alarms) {
      const alarms = new Alarms(this, 'Alarms', settings);
      alarms.watchHttp(http.function, stage);
      if (uploads !== undefined) {
        alarms.watchUploads(uploads.deadLetters);
      }
    }
    new CfnOutput(this, 'Url', { value: api.apiEndpoint, description: 'Where pictures are sent' });
    if (uploads !== undefined) {
      const value = uploads.deadLetters.queueArn;
      new CfnOutput(this, 'DeadLetters', { value, description: 'Where messages about uploads end that were not done' });
    }
    if (http.url !== undefined) {
      new CfnOutput(this, 'FunctionUrl', { value: http.url.url, description: 'The same, without throttling' });
    }
  }
}
