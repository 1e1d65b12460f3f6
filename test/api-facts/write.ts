/** Writes the generated files of src/wire anew, from the SDK that is installed. */
import { writeFileSync } from 'node:fs';
import { readFacts } from '../../src/wire/facts.ts';
import { describeModel } from './describe.ts';
import { factsFile, factsFileUrl } from './file.ts';
import { typesFile, typesFileUrl } from './types.ts';

const described = describeModel();
if (described === undefined) {
  process.stderr.write('@aws-sdk/client-cloudfront is not installed; npm ci installs it.\n');
  process.exitCode = 1;
} else {
  writeFileSync(factsFileUrl, factsFile(described));
  writeFileSync(typesFileUrl, typesFile(readFacts(described.text)));
}
