/** docs/compatibility.md, made of the tables. */
import { operations20101101, operations20200531 } from './operations.ts';
import {
  distributionFields,
  oldDistributionFields,
  oldStreamingFields,
  streamingFields,
} from './fields.ts';
import type { FieldSection, OperationRow } from './state.ts';

export function compatibilityPage(): string {
  return `# Compatibility with CloudFront

Every operation of both versions of the API and every field of a distribution. This page is made from the tables in
\`test/compatibility\`; \`npm run docs\` writes it anew. What viewers get, and what differs on purpose, is told in
[differences.md](differences.md).

- *Honored*: as the version's contract says; where it is about viewers or origins, edges obey it.
- *Stored*: checked, kept and returned, and held by what names it; no edge makes anything of it yet.
- *Refused*: an operation is answered with \`UnsupportedOperation\` 400, a field with \`InvalidArgument\` 400 unless another code is
  named, since keeping it would pretend.

## Operations of version 2020-05-31
All ${countOf(operations20200531)} operations are routed, and their requests and answers are read and written by the model of the service: a
request is signed by Signature Version 4, all that is wrong with it is told at once, and elements that are not known are passed over.

${operationTable(operations20200531)}

## Fields of a distribution of version 2020-05-31
\`Quantity\` has to be the number of items wherever it stands: \`InconsistentQuantities\` 400. An empty id is none. A wrong name of an
origin is \`InvalidOrigin\`, as in the older version. An update may leave members out that the original asks for; they get their usual
values.

${distributionFields.map(sectionOf).join('\n\n')}

## Fields of a streaming distribution of version 2020-05-31
${streamingFields.map(fieldTable).join('\n')}

## Operations of version 2010-11-01
Versions in the path other than these two: \`InvalidURI\` 400.

${operationTable(operations20101101)}

## Fields of a download distribution of version 2010-11-01
An unknown element is refused (\`MalformedXML\`). \`ActiveTrustedSigners\` and \`InProgressInvalidationBatches\` are answered.

${oldDistributionFields.map(fieldTable).join('\n')}

## Fields of a streaming distribution of version 2010-11-01
${oldStreamingFields.map(fieldTable).join('\n')}
`;
}

function countOf(rows: readonly OperationRow<string>[]): number {
  return rows.reduce((sum, { operations }) => sum + operations.length, 0);
}

function operationTable(rows: readonly OperationRow<string>[]): string {
  const lines = rows.map(
    ({ operations, remark = '', resource, state }) =>
      `| ${resource} | ${operations.map(code).join(', ')} | ${state} | ${remark} |`,
  );
  return ['| resource | operations | state | remarks |', '|---|---|---|---|', ...lines].join('\n');
}

function sectionOf(section: FieldSection): string {
  const { below, title } = section;
  const heading = below === '' ? title : `${title}: ${code(below)}`;
  return `### ${heading}\n${fieldTable(section)}`;
}

function fieldTable({ rows }: FieldSection): string {
  const lines = rows.map(
    ({ fields, remark = '', state }) => `| ${fields.map(code).join(', ')} | ${state} | ${remark} |`,
  );
  return ['| fields | state | remarks |', '|---|---|---|', ...lines].join('\n');
}

function code(name: string): string {
  return `\`${name}\``;
}
