/** The bucket that a host name of S3's REST endpoint stands for, in each of its forms. */

const regionForm = '[a-z]{2}(?:-[a-z]+)+-\\d';
const endpointForm = new RegExp(
  '^(?<bucket>.+)\\.(?:s3|s3-external-1|s3-accelerate(?:\\.dualstack)?' +
    `|s3[.-](?:dualstack\\.)?(?<region>${regionForm}))\\.amazonaws\\.com(?:\\.cn)?$`,
);

/** `host` is in lower case; undefined when it is no bucket's. */
export function bucketOf(host: string): string | undefined {
  return endpointForm.exec(host)?.groups?.['bucket'];
}

/** The region that the host name says the bucket is in; undefined where it says none. */
export function regionOf(host: string): string | undefined {
  return endpointForm.exec(host)?.groups?.['region'];
}
