import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Arch } from './props.ts';

/** The name that Lambda looks for. */
export const PROGRAM = 'bootstrap';

/** Values of `e_machine` in the header of an ELF file. */
const MACHINES = new Map<number, Arch>([
  [0x3e, 'x86_64'],
  [0xb7, 'arm64'],
]);

/**
 * Checks that the folder has a program for the processor, and gives its absolute path.
 *
 * A wrong one deploys without a word, and then fails at every request.
 */
export function checkProgram(folder: string, arch: Arch): string {
  const file = join(resolve(folder), PROGRAM);
  const { head, mode } = read(file);
  if (head.length < 20 || head.readUInt32BE(0) !== 0x7f454c46) {
    throw new Error(`${file} is not a Linux program: \`make artifacts\` builds it`);
  }
  const machine = head.readUInt16LE(18);
  const built = MACHINES.get(machine);
  if (built !== arch) {
    const way = built === undefined ? `build one for ${arch}` : `build one for ${arch}, or say \`-c arch=${built}\``;
    throw new Error(`${file} is for ${built ?? `ELF machine ${machine}`}, the function for ${arch}: ${way}`);
  }
  if ((mode & 0o111) === 0) {
    throw new Error(`${file} is not executable: chmod +x ${file}`);
  }
  return resolve(folder);
}

function read(file: string): { head: Buffer; mode: number } {
  let handle;
  try {
    handle = openSync(file, 'r');
  } catch (why) {
    throw new Error(`${file} cannot be read (${(why as NodeJS.ErrnoException).code}): \`make artifacts\` builds it`);
  }
  try {
    const head = Buffer.alloc(20);
    return { head: head.subarray(0, readSync(handle, head)), mode: fstatSync(handle).mode };
  } finally {
    closeSync(handle);
  }
}
