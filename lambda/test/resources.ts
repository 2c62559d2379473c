import assert from 'node:assert/strict';
import type { Template } from 'aws-cdk-lib/assertions';

/** The properties of the resources of a type. */
export function properties(of: Template, type: string): any[] {
  return Object.values(of.findResources(type)).map((resource) => resource['Properties']);
}

/** The one resource of a type whose logical id begins so, with its id. */
export function resource(of: Template, type: string, start: string): { id: string; [field: string]: any } {
  const found = Object.entries(of.findResources(type)).filter(([id]) => id.startsWith(start));
  assert.equal(found.length, 1, `${type} ${start}: ${found.map(([id]) => id)}`);
  const [[id, rest]] = found as [[string, object]];
  return { id, ...rest };
}

/** What a role may do: a line `action resource` each. A bucket, queue or log is its logical id without the digits. */
export function rights(of: Template, role: string): string[] {
  const { id } = resource(of, 'AWS::IAM::Role', role);
  return properties(of, 'AWS::IAM::Policy')
    .filter((policy) => policy.Roles.some((one: any) => one.Ref === id))
    .flatMap((policy) => policy.PolicyDocument.Statement)
    .flatMap((statement) => {
      assert.equal(statement.Effect, 'Allow');
      const actions: string[] = [statement.Action].flat();
      return actions.flatMap((action) => [statement.Resource].flat().map((one: any) => `${action} ${shown(one)}`));
    })
    .sort();
}

function shown(value: any): string {
  if (typeof value === 'string') {
    return value;
  }
  if ('Fn::Join' in value) {
    return value['Fn::Join'][1].map(shown).join('');
  }
  const name: string = value.Ref ?? value['Fn::GetAtt']?.[0] ?? JSON.stringify(value);
  return name.replace(/[0-9A-F]{8}$/, '');
}
