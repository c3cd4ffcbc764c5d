import { z } from 'zod';
import pinned from '../../src-shared/model/update/pinnedKeys.json' with { type: 'json' };
import { AppError } from '../../src-shared/errors.ts';
import { publicKeySchema, type PublicKey } from '../../src-shared/model/licence/documents.ts';

const keySetSchema = z.object({ keys: z.array(publicKeySchema).max(16) });

/** The keys that this build accepts for updates. A release adds its own before it is built. */
export const pinnedUpdateKeys: readonly PublicKey[] = keySetSchema.parse(pinned).keys;

/** Keys of a JWKS file. Throws INVALID_INPUT. */
export function parseUpdateKeys(text: string): readonly PublicKey[] {
  try {
    return keySetSchema.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The update keys are no JWKS with Ed25519 keys.', { cause });
  }
}
