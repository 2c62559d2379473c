import { readdirSync, readFileSync } from 'node:fs';

/** A running instance of a function. */
export interface Instance {
  readonly pid: number;
  /** The port of the Runtime API that it asks for events. */
  readonly port: number;
}

/** The instances of a function of the emulator at this address: processes of this machine. */
export function instances(name: string, endpoint: string): Instance[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => ({ pid: Number(pid), environment: environment(pid) }))
    .filter(({ environment: env }) => env['AWS_LAMBDA_FUNCTION_NAME'] === name && env['AWS_ENDPOINT_URL'] === endpoint)
    .map(({ pid, environment: env }) => ({ pid, port: Number(env['AWS_LAMBDA_RUNTIME_API']?.split(':')[1]) }));
}

function environment(pid: string): { readonly [name: string]: string } {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It has ended, or is another user's.
    return {};
  }
  return Object.fromEntries(text.split('\0').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** Whether something arrived for an instance that it did not read: an event, if it is stopped. */
export function hasUnread({ port }: Instance): boolean {
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  return lines.some((line) => {
    // Number, local and remote address, state, and the bytes that wait to be sent and read, all in hexadecimal.
    const [, , remote, , queues] = line.trim().split(/\s+/);
    return parseInt(remote?.split(':')[1] ?? '', 16) === port && parseInt(queues?.split(':')[1] ?? '0', 16) > 0;
  });
}
