import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cdk, HERE, installed, type Ran, run, scratch } from '../tools.ts';
import { type Answer, ask, type Question } from './ask.ts';
import { Emulator } from './emulator.ts';

/** The folder of the project. */
export const ROOT = resolve(HERE, '..');
/** The command line, whose pictures are the measure. */
export const GLITCH = resolve(process.env['GLITCH_BIN'] ?? join(ROOT, 'target/debug/glitch'));
/** The folder of the program that is deployed. */
export const ARTIFACTS = resolve(process.env['GLITCH_ARTIFACTS'] ?? join(ROOT, 'artifacts'));
/** One whose pages may use the API. */
export const ORIGIN = 'https://pages.example';

const ARCH = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const SETTINGS = [
  `arch=${ARCH}`,
  `artifacts=${ARTIFACTS}`,
  `corsOrigins=${ORIGIN}`,
  'batch=true',
  // The emulator knows of no batches.
  'batchSize=1',
  'batchConcurrency=4',
].flatMap((pair) => ['-c', pair]);

/** What the command line makes of a picture. */
export function local(picture: string, recipe: string): Buffer {
  const file = join(scratch(), 'local');
  const ran = run(GLITCH, [picture, '-o', file, '--recipe', recipe]);
  assert.equal(ran.status, 0, ran.stderr);
  return readFileSync(file);
}

/** The app on the emulator, and a folder that is like a clone. */
export class Deployment {
  readonly clone = scratch();
  private readonly outputs = join(this.clone, 'lambda/cdk-outputs.json');
  private readonly emulator: Emulator;

  static async start(): Promise<Deployment> {
    return new Deployment(await Emulator.start(String(installed('ministack'))));
  }

  private constructor(emulator: Emulator) {
    this.emulator = emulator;
    mkdirSync(join(this.clone, 'lambda'));
    mkdirSync(join(this.clone, 'fixtures'));
    copyFileSync(join(ROOT, 'fixtures/portrait.jpg'), join(this.clone, 'fixtures/portrait.jpg'));
  }

  /** Runs the CDK's command line on the app. */
  cdk(...args: string[]): void {
    const ran = cdk([...args, ...SETTINGS], this.emulator.env);
    assert.equal(ran.status, 0, `cdk ${args[0]}: ${ran.stdout}${ran.stderr}\n${this.emulator.said()}`);
  }

  deploy(...more: string[]): void {
    this.cdk('deploy', '--require-approval', 'never', '--outputs-file', this.outputs, ...more);
  }

  stop(): Promise<void> {
    return this.emulator.stop();
  }

  /** What a stack tells of itself. */
  output(stack: 'GlitchHttp' | 'GlitchBatch', name: string): string {
    return JSON.parse(readFileSync(this.outputs, 'utf8'))[stack][name];
  }

  get url(): string {
    return this.output('GlitchHttp', 'Url');
  }

  /** Where the services of AWS are. */
  get endpoint(): string {
    return String(this.emulator.env['AWS_ENDPOINT_URL']);
  }

  /** All that the emulator has told. */
  log(): string {
    return this.emulator.log();
  }

  /** Asks what is deployed. */
  ask(path: string, question?: Question): Promise<Answer> {
    return ask(this.url + path, question);
  }

  /** Asks the emulated services, which look at no signature. */
  async service(path: string, target?: string, body: object = {}): Promise<any> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': String(target) };
    const question = target === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await ask(this.endpoint + path, question);
    assert.equal(answer.status, 200, answer.body.toString());
    return JSON.parse(answer.body.toString());
  }

  /** An object of S3, or a list of them. */
  object(path: string, question?: Question): Promise<Answer> {
    return ask(`${this.endpoint}/${path}`, question);
  }

  /** The name of the one function whose name has this in it. */
  async functionName(part: string): Promise<string> {
    const { Functions } = await this.service('/2015-03-31/functions/');
    const names = Functions.map((one: any) => one.FunctionName).filter((name: string) => name.includes(part));
    assert.equal(names.length, 1, `${part}: ${names}`);
    return names[0];
  }

  /** Runs lines of a shell in the clone. curl finds the emulator, and keeps the headers in a file. */
  shell(lines: string[]): Ran {
    const { hostname, port } = new URL(this.url);
    const curlrc = [`resolve = "${hostname}:${port}:127.0.0.1"`, 'dump-header = "headers"', 'fail', 'silent', 'show-error'];
    writeFileSync(join(this.clone, '.curlrc'), curlrc.join('\n'));
    return run('sh', ['-ec', lines.join('\n')], { CURL_HOME: this.clone }, this.clone);
  }
}
