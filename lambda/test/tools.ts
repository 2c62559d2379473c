import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Arch } from '../lib/props.ts';

/** The folder of the CDK app. */
export const HERE = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the app is told by cdk.json: how the CDK behaves. It drops the result writer of a job without a word if a flag is missing. */
export const { context: CONTEXT } = JSON.parse(readFileSync(join(HERE, 'cdk.json'), 'utf8'));

const SCRATCH = mkdtempSync(join(tmpdir(), 'glitch-lambda-'));
process.on('exit', () => rmSync(SCRATCH, { recursive: true, force: true }));
// The CDK keeps what it knows of files and accounts in the home: not in that of the user.
process.env['HOME'] = SCRATCH;

/** An empty folder that goes with the process. */
export function scratch(): string {
  return mkdtempSync(join(SCRATCH, 'x'));
}

/** A folder with programs that are no more than the headers of such for the processor. */
export function fakeArtifacts(arch: Arch): string {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(arch === 'arm64' ? 0xb7 : 0x3e, 18);
  const folder = scratch();
  mkdirSync(join(folder, 'worker'));
  for (const name of ['bootstrap', 'worker/bootstrap']) {
    // Two, so that one cannot take the place of the other.
    header[63] = name.length;
    writeFileSync(join(folder, name), header);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** The lines for a shell in a page of the documentation, from this on in the one block that has it. */
export function block(page: string, part: string): string {
  const text = readFileSync(join(HERE, '..', page), 'utf8');
  const found = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => String(lines)).filter((lines) => lines.includes(part));
  if (found.length !== 1) {
    throw new Error(`${found.length} blocks of ${page} have ${part}`);
  }
  return String(found[0]).slice(String(found[0]).indexOf(part));
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the folder of the app, with no environment but what is given. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = HERE): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    maxBuffer: 64 << 20,
  });
  return { status, stdout: stdout ?? '', stderr: stderr ?? error?.message ?? '' };
}

/** The CDK's command line, with a home of its own, and no credentials unless they are given. */
export function cdk(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const home = env['HOME'] ?? scratch();
  // It asks the system for the home, whatever HOME says.
  const alone = { HOME: home, CDK_HOME: join(home, '.cdk'), AWS_EC2_METADATA_DISABLED: 'true', ...env };
  return run(join(HERE, 'node_modules/.bin/cdk'), args, alone);
}

/**
 * Skips a test for want of programs or files that are not part of the project, with a line that
 * says so; where everything has to be there that is a failure.
 */
export function needs(...what: string[]): { skip: string | false } {
  const missing = what.filter((one) => (one.includes('/') ? !existsSync(one) : installed(one) === undefined));
  if (missing.length === 0) {
    return { skip: false };
  }
  const why = `missing: ${missing.join(', ')}`;
  if (process.env['GLITCH_REQUIRE_DECODERS'] === '1') {
    throw new Error(why);
  }
  console.error(`skipped: ${why}`);
  return { skip: why };
}

/** A program of this name: beside the Python that GLITCH_PYTHON names, or in the path. */
export function installed(name: string): string | undefined {
  const python = process.env['GLITCH_PYTHON'];
  const folders = [...(python === undefined ? [] : [dirname(python)]), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
