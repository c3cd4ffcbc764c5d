import { z } from 'zod';
import { lookAlikeError } from '../../base/lookAlikes.ts';

/** A tenant's name on its appliance **[doc: `client_id`; the grammar is ours]**. */
export const clientIdPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const clientIdSchema = z
  .string()
  .regex(
    clientIdPattern,
    lookAlikeError(
      'a CLIENT_ID has 1 to 63 characters (a-z, 0-9, dot, dash or underscore) and starts with a letter or digit',
    ),
  );
