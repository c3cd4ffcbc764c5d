import { z } from 'zod';
import { watchRuleSchema } from '../model/syslog/watch/watchRule.ts';
import { raisedAlertSchema } from '../model/syslog/watch/raisedAlert.ts';
import { nothing, procedure } from './procedure.ts';

export const logWatchContract = {
  /** The rules, each with what it raised last; null if it raised nothing yet. */
  rules: procedure('viewer')
    .input(nothing)
    .output(z.object({ rules: z.array(watchRuleSchema.extend({ last: raisedAlertSchema.nullable() })) })),

  /** Rejects with INVALID_INPUT, or with ALREADY_EXISTS for a name that is taken. */
  add: procedure('operator')
    .input(z.strictObject({ rule: watchRuleSchema.omit({ id: true }) }))
    .output(nothing),

  /** Switches a rule off or on. Rejects with NOT_FOUND. */
  setEnabled: procedure('operator')
    .input(z.strictObject({ name: z.string(), isEnabled: z.boolean() }))
    .output(nothing),

  /** Rejects with NOT_FOUND. */
  remove: procedure('operator')
    .input(z.strictObject({ name: z.string() }))
    .output(nothing),
};
