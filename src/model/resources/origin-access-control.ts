/** An origin access control: how requests to an origin are signed (edge contract 10.7). */
import { invalidArgument } from './invalid-argument.ts';

export type OriginAccessControlConfig = {
  readonly name: string;
  readonly description: string;
  readonly originType: 's3' | 'mediastore' | 'mediapackagev2' | 'lambda';
  /** `no-override`: only where the viewer's own Authorization does not go to the origin. */
  readonly signs: 'always' | 'never' | 'no-override' | 'always-amz-auth';
  readonly protocol: 'sigv4' | 'sigv4a';
};

const nameCharactersMax = 64;
const descriptionCharactersMax = 256;

/** Throws `InvalidArgument`. */
export function checkOriginAccessControl({ description, name }: OriginAccessControlConfig): void {
  if (name === '' || name.length > nameCharactersMax) {
    invalidArgument('The parameter Name', `it has 1 to ${nameCharactersMax} characters.`);
  }
  if (description.length > descriptionCharactersMax) {
    invalidArgument(
      'The parameter Description',
      `it has at most ${descriptionCharactersMax} characters.`,
    );
  }
}
