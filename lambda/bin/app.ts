import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { fromContext } from '../lib/context.ts';
import { HttpStack } from '../lib/http-stack.ts';

const app = new App();
try {
  new HttpStack(app, 'GlitchHttp', fromContext(app.node));
} catch (why) {
  // What is wrong is the user's words, not this program: a stack trace would hide it.
  console.error(why instanceof Error ? why.message : why);
  process.exit(1);
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
