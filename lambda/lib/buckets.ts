import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CorsRule, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeWild } from './acknowledge.ts';

/** A private bucket, which stays when the stack goes. */
export function privateBucket(scope: Construct, id: string): IBucket {
  const props = { ...PRIVATE, removalPolicy: RemovalPolicy.RETAIN, lifecycleRules: [UNFINISHED] };
  // The two are not assignable where the compiler is as strict as here.
  return withoutLog(new Bucket(scope, id, props)) as IBucket;
}

/** A private bucket for objects of a day, which goes with the stack; pages of every origin may use it so. */
export function passingBucket(scope: Construct, id: string, cors: CorsRule): Bucket {
  return withoutLog(
    new Bucket(scope, id, {
      ...PRIVATE,
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ ...UNFINISHED, expiration: Duration.days(1) }],
      cors: [cors],
    }),
  );
}

const PRIVATE = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
};

const UNFINISHED = { abortIncompleteMultipartUploadAfter: Duration.days(1) };

function withoutLog(bucket: Bucket): Bucket {
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'A log of accesses would be a second bucket, full of the keys of pictures; CloudTrail has data events for who wants them.',
  });
  return bucket;
}

/** A bucket, as far as permissions are about it. */
type Objects = Pick<IBucket, 'bucketArn' | 'arnForObjects'>;

/** What may be done with the objects of a bucket. */
export type Right = 'GetObject' | 'PutObject' | 'DeleteObject';

/**
 * Lets a function do this with every object of a bucket. `grantRead` and its like give more.
 *
 * `s3:ListBucket` goes with the reading: without it S3 answers 403 for what is not there.
 */
export function allow(role: Role, bucket: Objects, ...rights: Right[]): void {
  const actions = rights.map((right) => `s3:${right}`);
  role.addToPolicy(new PolicyStatement({ actions, resources: [bucket.arnForObjects('*')] }));
  if (rights.some((right) => right !== 'PutObject')) {
    role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
  }
  acknowledgeWild(role, bucket.arnForObjects('*'), 'All objects of this one bucket.');
}
