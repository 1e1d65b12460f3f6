/** Members are told by their places in camel case, as the original tells them. */

/** `HTTPSPort` becomes `httpsPort`, `S3Origin` `s3Origin`, `CNAME` `cname`. */
export function camelCase(name: string): string {
  return name.replace(/^(?:[A-Z0-9]+(?=[A-Z][a-z]|$)|[A-Z])/, (start) => start.toLowerCase());
}
