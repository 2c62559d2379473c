import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Far more than anything takes: the end of a test that would hang. */
const FOR_EVER = 120_000;

/** Waits until there is something that is not `undefined` or `false`, and gives it. */
export async function until<T>(what: string, seen: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (const start = Date.now(); Date.now() - start < FOR_EVER; ) {
    const found = await seen();
    if (found !== undefined && found !== false) {
      return found;
    }
    await sleep(20);
  }
  return assert.fail(`waited in vain: ${what}`);
}
