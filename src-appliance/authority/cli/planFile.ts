import { AppError } from '../../../src-shared/errors.ts';
import { measureJson } from '../../../src-shared/base/measureJson.ts';
import {
  billingPlansSchema,
  parseBillingPlan,
  type BillingPlan,
} from '../../../src-shared/model/billing/billingPlan.ts';
import { readTextFile } from '../../../src-shared/node/namedFiles.ts';

/** A signed licence holds at most 64 kB and 4,000 values, so that its plans leave room for the rest **[ours]**. */
const maxBytes = 32 * 1024;
const maxValues = 3_000;
const maxDepth = 6;

function parseList(file: string): unknown[] {
  const text = readTextFile(file, maxBytes);
  const size = measureJson(text, { maxDepth, maxValues });
  if (size.depth <= maxDepth && size.values <= maxValues)
    try {
      const value: unknown = JSON.parse(text);
      if (Array.isArray(value)) return value;
    } catch (cause) {
      throw new AppError('INVALID_INPUT', `${file} is no JSON.`, { cause });
    }
  throw new AppError('INVALID_INPUT', `${file} is no list of at most ${maxValues} values.`);
}

/** Reads the price plans of a contract from a JSON file. Throws INVALID_INPUT, or BILLING_PLAN_INVALID for a wrong field. */
export function readPlans(file: string): BillingPlan[] {
  const plans = billingPlansSchema.safeParse(parseList(file).map(parseBillingPlan));
  if (!plans.success)
    throw new AppError(
      'BILLING_PLAN_INVALID',
      `${file} has no usable list of plans: ${plans.error.issues[0]?.message}.`,
    );
  const signed = JSON.stringify(plans.data);
  if (signed.length <= maxBytes && measureJson(signed, { maxDepth, maxValues }).values <= maxValues)
    return plans.data;
  throw new AppError('INVALID_INPUT', `The plans of ${file} are too large for a licence.`);
}
