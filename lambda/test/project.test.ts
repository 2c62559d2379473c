import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HERE, run } from './tools.ts';

function json(file: string): any {
  return JSON.parse(readFileSync(join(HERE, file), 'utf8'));
}

test('the types are right', () => {
  const said = run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit']);
  assert.equal(said.status, 0, said.stdout);
});

test('the lock file is for every registry', () => {
  const packages: { [path: string]: { resolved?: string; integrity?: string; inBundle?: boolean } } = json('package-lock.json').packages;
  for (const [path, { resolved, integrity, inBundle }] of Object.entries(packages)) {
    assert.equal(resolved, undefined, path);
    // What a package bundles is covered by the package's own sum.
    assert.ok(path === '' || inBundle || integrity, path);
  }
});

test('every version is exact', () => {
  const { dependencies, devDependencies } = json('package.json');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
  }
});

test('the CDK behaves as it recommends, and tells nobody of it', () => {
  const { context, versionReporting, notices } = json('cdk.json');
  assert.deepEqual({ versionReporting, notices }, { versionReporting: false, notices: false });
  const recommended = json('node_modules/aws-cdk-lib/recommended-feature-flags.json');
  assert.deepEqual(context, { 'cli-telemetry': false, ...recommended });
});
