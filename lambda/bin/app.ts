import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BatchStack } from '../lib/batch-stack.ts';
import { fromContext } from '../lib/context.ts';
import { HttpStack } from '../lib/http-stack.ts';

const app = new App();
try {
  const settings = fromContext(app.node);
  new HttpStack(app, 'GlitchHttp', settings);
  if (settings.batch) {
    new BatchStack(app, 'GlitchBatch', settings);
  }
} catch (why) {
  // What is wrong is the user's words, not this program: a stack trace would hide it.
  console.error(why instanceof Error ? why.message : why);
  process.exit(1);
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
