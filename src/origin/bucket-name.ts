/** The bucket that a host name of S3's REST endpoint stands for, in each of its forms. */

const endpointForm =
  /^(?<bucket>.+)\.(?:s3|s3[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d|s3-external-1|s3-accelerate(?:\.dualstack)?)\.amazonaws\.com(?:\.cn)?$/;

/** `host` is in lower case; undefined when it is no bucket's. */
export function bucketOf(host: string): string | undefined {
  return endpointForm.exec(host)?.groups?.['bucket'];
}
