import { z } from 'zod';

/** Free text for the audit trail: a reason or a ticket number. */
export const reasonSchema = z.string().trim().min(1, 'enter a reason').max(500);
