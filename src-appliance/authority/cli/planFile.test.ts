import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { labPlan } from '../../lab/labPlan.ts';
import { defaultContract } from '../store/contract.ts';
import { changeContract } from './contractOptions.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plans-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function planFile(text: string): Promise<string> {
  const file = join(folder, 'plans.json');
  await writeFile(file, text);
  return file;
}

test('when a contract names a file of plans, it has them until they are removed', async () => {
  const plans = await planFile(JSON.stringify([labPlan, aPlan()]));
  const contract = changeContract(defaultContract, { plan: 'per-user', plans });
  expect(contract).toMatchObject({ entitlements: { plan: 'per-user' }, plans: [labPlan, aPlan()] });
  expect(changeContract(contract, { accounts: 7 }).plans).toEqual([labPlan, aPlan()]);
  expect(JSON.stringify(changeContract(contract, { plans: false }))).not.toContain('plans');
});

const manyTiers = Array.from({ length: 16 }, (_, at) => ({
  upTo: at === 15 ? null : at + 1,
  unitPrice: '123456789012.123456',
}));
const longLine = (id: string) => ({
  kind: 'volume' as const,
  id,
  label: 'Users',
  counted: { unit: 'account' as const },
  tiers: manyTiers,
});
const longPlan = (id: string) =>
  aPlan({ id, lines: Array.from({ length: 16 }, (_, at) => longLine(`line-${at}`)) });

test.each([
  ['no JSON', '[', 'INVALID_INPUT'],
  ['no list', '{"plans":[]}', 'INVALID_INPUT'],
  ['an empty list', '[]', 'BILLING_PLAN_INVALID'],
  ['a wrong field', JSON.stringify([{ ...aPlan(), currency: 'euro' }]), 'BILLING_PLAN_INVALID'],
  ['a plan twice', JSON.stringify([aPlan(), aPlan()]), 'BILLING_PLAN_INVALID'],
  ['more than a licence holds', JSON.stringify(['a', 'b', 'c'].map(longPlan)), 'INVALID_INPUT'],
])('when the file has %s, it is rejected with its code', async (_what, text, code) => {
  const plans = await planFile(text);
  expect(() => changeContract(defaultContract, { plans })).toThrow(expect.objectContaining({ code }));
});
