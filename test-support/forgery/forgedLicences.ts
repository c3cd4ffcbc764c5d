import type { ForgedLicence } from './forge.ts';
import { forgedFields } from './forgedFields.ts';
import { forgedFiles } from './forgedFiles.ts';
import { forgedSignatures } from './forgedSignatures.ts';

/** Licences as attackers or broken programs may write them. Most of them have a correct signature. */
export const forgedLicences: readonly ForgedLicence[] = [
  ...forgedSignatures,
  ...forgedFiles,
  ...forgedFields,
];
