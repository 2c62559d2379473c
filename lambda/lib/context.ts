import type { Node } from 'constructs';
import { settle } from './settle.ts';
import type { Settings } from './props.ts';

/** The one key of the CDK (in cdk.json) that looks like a setting. */
const FOREIGN = 'cli-telemetry';

/**
 * The settings that the CDK context tells, such as `-c arch=x86_64`.
 *
 * All other keys of the CDK have a colon or a slash.
 */
export function fromContext(node: Node): Settings {
  const told: [string, unknown][] = Object.entries(node.getAllContext() as object);
  return settle(Object.fromEntries(told.filter(([key]) => !/[:/]/.test(key) && key !== FOREIGN)));
}
