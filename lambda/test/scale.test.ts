import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tables } from '../cost.ts';
import { HERE } from './tools.ts';

test('the tables of docs/scale.md are what the prices come to', () => {
  const page = readFileSync(join(HERE, '../docs/scale.md'), 'utf8');
  for (const [way, rows] of Object.entries(tables())) {
    assert.ok(page.includes(rows), `${way}: cd lambda && npx tsx cost.ts`);
  }
});
