import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkProgram } from '../lib/program.ts';
import { fakeArtifacts, HERE, needs, run, scratch } from './tools.ts';

test('a program for the processor is taken', () => {
  for (const arch of ['arm64', 'x86_64'] as const) {
    const folder = fakeArtifacts(arch);
    assert.equal(checkProgram(folder, arch), folder);
  }
});

test('a program for another processor is refused, with the way out', () => {
  assert.throws(() => checkProgram(fakeArtifacts('x86_64'), 'arm64'), /is for x86_64, the function for arm64: .*-c arch=x86_64/);
  assert.throws(() => checkProgram(fakeArtifacts('arm64'), 'x86_64'), /is for arm64, the function for x86_64: .*-c arch=arm64/);
  const folder = fakeArtifacts('arm64');
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x01\x01\x01', 'latin1');
  header.writeUInt16LE(0x28, 18);
  writeFileSync(join(folder, 'bootstrap'), header);
  assert.throws(() => checkProgram(folder, 'arm64'), /is for ELF machine 40, the function for arm64: build one for arm64$/);
});

test('what is missing, not a program or not executable is told', () => {
  const folder = scratch();
  assert.throws(() => checkProgram(folder, 'arm64'), /cannot be read \(ENOENT\): `make artifacts` builds it/);
  writeFileSync(join(folder, 'bootstrap'), '#!/bin/sh\necho a script is no ELF file\n');
  assert.throws(() => checkProgram(folder, 'arm64'), /is not a Linux program/);
  writeFileSync(join(folder, 'bootstrap'), '');
  assert.throws(() => checkProgram(folder, 'arm64'), /is not a Linux program/);
  const other = fakeArtifacts('arm64');
  chmodSync(join(other, 'bootstrap'), 0o644);
  assert.throws(() => checkProgram(other, 'arm64'), /is not executable/);
});

test('a program that needs a newer GLIBC is found out', needs('objdump'), () => {
  const check = (...args: string[]) => run('sh', ['check-glibc.sh', ...args]);
  assert.equal(check(process.execPath, '2.999').status, 0);
  const refused = check(process.execPath, '2.2');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /needs GLIBC 2\.\d+, more than 2\.2: build it on an older system/);
  assert.notEqual(check(join(HERE, 'package.json')).status, 0);
  assert.notEqual(check(join(HERE, 'no-such-file')).status, 0);
});
