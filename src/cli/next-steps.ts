/** What a person can do about a refusal with the commands of this program, by its code. */

const keys =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key of the server: one of its --credentials file.';
const again = 'Repeat the command; it reads what stands now and starts from there.';

const steps: ReadonlyMap<string, string> = new Map([
  ['CloudFrontOriginAccessIdentityAlreadyExists', 'Give another --caller-reference, or none.'],
  [
    'CloudFrontOriginAccessIdentityInUse',
    '`warmfront distribution list --json` tells which distribution names it; once that is changed, `warmfront wait ID` waits for the edges.',
  ],
  [
    'DistributionAlreadyExists',
    '`warmfront distribution list` has it; for another one give another --caller-reference, or none.',
  ],
  ['DistributionNotDisabled', '`warmfront distribution delete ID` disables it, waits and deletes.'],
  ['InvalidClientTokenId', keys],
  ['MissingAuthenticationToken', keys],
  ['NoSuchCertificate', '`warmfront certificate list` tells which there are.'],
  [
    'NoSuchCloudFrontOriginAccessIdentity',
    '`warmfront origin-access-identity list` tells which there are.',
  ],
  ['NoSuchDistribution', '`warmfront distribution list` tells which there are.'],
  ['NoSuchEdgeToken', '`warmfront edge-token list` tells which there are.'],
  ['NoSuchInvalidation', '`warmfront invalidation list ID` tells which there are.'],
  ['NoSuchKeyPair', '`warmfront key-pair list` tells which there are.'],
  ['NoSuchStreamingDistribution', '`warmfront streaming-distribution list` tells which there are.'],
  ['PreconditionFailed', again],
  ['SignatureDoesNotMatch', keys],
  [
    'StreamingDistributionAlreadyExists',
    '`warmfront streaming-distribution list` has it; for another one give another --caller-reference, or none.',
  ],
  ['TooManyDistributions', 'Delete one, or start the server with --limit distributions=N.'],
  [
    'TooManyInvalidationsInProgress',
    '`warmfront invalidation list ID` tells which are in progress, `warmfront edges` which edge they wait for.',
  ],
  [
    'TooManyStreamingDistributions',
    'Delete one, or start the server with --limit streaming-distributions=N.',
  ],
]);

/** A sentence, if there is anything to be done. */
export function nextStepAfter(code: string): string | undefined {
  return steps.get(code);
}
