import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from '../tools.ts';

/** AWS on this machine: MiniStack, on a free port of the loopback interface, forgotten when it stops. */
export class Emulator {
  readonly port: number;
  /** What the CDK and other clients need to find it, and nothing of the user's. */
  readonly env: NodeJS.ProcessEnv;
  private readonly child: ChildProcess;
  private readonly logFile: string;

  static async start(program: string): Promise<Emulator> {
    const emulator = new Emulator(program, await freePort());
    try {
      await emulator.ready();
    } catch (why) {
      await emulator.stop();
      throw why;
    }
    return emulator;
  }

  private constructor(program: string, port: number) {
    const home = scratch();
    const endpoint = `http://127.0.0.1:${port}`;
    this.port = port;
    this.env = {
      HOME: home,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    };
    this.logFile = join(home, 'emulator.log');
    this.child = spawn(program, {
      cwd: home,
      // A session of its own: it has children, which have to go with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        TMPDIR: home,
        GATEWAY_PORT: String(port),
        AWS_ENDPOINT_URL: endpoint,
        // Without these two it listens on every interface.
        BIND_HOST: '127.0.0.1',
        IOT_MTLS_ENABLED: '0',
        // Functions are processes here, not containers.
        LAMBDA_EXECUTOR: 'local',
      },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        this.kill();
        process.exit(1);
      });
    }
    const log = createWriteStream(this.logFile);
    this.child.stdout?.pipe(log, { end: false });
    this.child.stderr?.pipe(log, { end: false });
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** The last that it said. */
  said(): string {
    return this.log().slice(-4000);
  }

  async stop(): Promise<void> {
    const gone = this.child.exitCode !== null || this.child.signalCode !== null;
    const exit = gone ? Promise.resolve() : once(this.child, 'exit');
    this.kill();
    await exit;
  }

  private kill(): void {
    try {
      process.kill(-(this.child.pid as number), 'SIGKILL');
    } catch {
      // The whole group is gone already.
    }
  }

  private async ready(): Promise<void> {
    for (let tries = 0; tries < 600 && this.child.exitCode === null; tries += 1) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/_ministack/health`).catch(() => undefined);
      if (answer?.ok === true) {
        return;
      }
      await sleep(100);
    }
    throw new Error(`the emulator does not answer:\n${this.said()}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
