/** The error document of S3 (REST API, section "Error responses"), without ids of requests. */

export function xmlDocument(code: string, message: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  );
}
