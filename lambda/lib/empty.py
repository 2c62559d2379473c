"""Empties buckets when their stack goes: CloudFormation deletes none that has anything in it."""
import json
import urllib.request

import boto3


def handler(event, context):
    names = event["ResourceProperties"]["Buckets"]
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    # Other buckets are another resource: those before are deleted then, and emptied.
    answer.update(Status="SUCCESS", PhysicalResourceId=" ".join(names))
    if event["RequestType"] == "Delete":
        answer["PhysicalResourceId"] = event["PhysicalResourceId"]
        try:
            for name in names:
                empty(boto3.client("s3"), name)
        except Exception as why:
            print(why)
            answer.update(Status="FAILED", Reason=str(why))
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), {"content-type": ""}, method="PUT")
    urllib.request.urlopen(request).read()


def empty(s3, bucket):
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            objects = [{"Key": each["Key"]} for each in page.get("Contents", [])]
            if objects:
                done = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
                if done.get("Errors"):
                    raise RuntimeError(f"{bucket}: {done['Errors'][0]}")
    except s3.exceptions.NoSuchBucket:
        pass
