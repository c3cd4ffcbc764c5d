import { z } from 'zod';

/** A tenant's name on its appliance **[doc: `client_id`; the grammar is ours]**. */
export const clientIdPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const clientIdSchema = z
  .string()
  .regex(clientIdPattern, 'a CLIENT_ID starts with a letter or digit and holds at most 63 of a-z 0-9 . _ -');
