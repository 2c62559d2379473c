import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Tells cdk-nag why a policy below this construct has a resource with a `*` in it. */
export function acknowledgeWild(scope: Construct, resource: string, reason: string): void {
  const shown = text(Stack.of(scope).resolve(resource));
  Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${shown}]`, reason });
}

/** A value of a template in the form that cdk-nag has for it. */
function text(value: any): string {
  if (typeof value === 'string') {
    return value;
  }
  if ('Fn::Join' in value) {
    const [between, parts] = value['Fn::Join'];
    return parts.map(text).join(between);
  }
  if ('Fn::GetAtt' in value) {
    return `<${value['Fn::GetAtt'].join('.')}>`;
  }
  return 'Ref' in value ? `<${value.Ref}>` : JSON.stringify(value);
}
