import { type IncomingHttpHeaders, request } from 'node:http';
import type { LookupFunction } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Buffer | string;
}

/** Asks the emulator, whatever the host is called. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname, search, host } = new URL(url);
    const asked = request(
      { host: hostname, port, path: pathname + search, method, headers: { host, ...headers }, agent: false, lookup: loopback },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const loopback: LookupFunction = (_host, options, done) => {
  const address = { address: '127.0.0.1', family: 4 };
  return options.all === true ? done(null, [address]) : done(null, address.address, address.family);
};
