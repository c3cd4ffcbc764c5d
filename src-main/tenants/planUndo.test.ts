import { aLicence } from '../../test-support/aLicence.ts';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PortRange } from '../../src-shared/model/tenants/ports.ts';
import { remoteNetworksSchema, type RemoteNetworks } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { startKitAppliance, type KitAppliance } from '../../test-support/kitAppliance.ts';
import { planContextSample } from '../../test-support/planContextSample.ts';
import { preparePlan } from './plan.ts';
import type { PlanContext } from './planWarnings.ts';

const acme = 'acme';
const program = 'ke_manage_remote_networks';
const now = Date.parse('2026-11-20T09:00:00.000Z');
let kit: KitAppliance;

beforeEach(async () => {
  kit = await startKitAppliance();
});
afterEach(() => kit.stop());

/** Runs the commands of a plan in a shell. */
async function run(text: string): Promise<string> {
  let printed = '';
  for (const command of text.split(' && ')) {
    const { exitCode, stdout, stderr } = await kit.ke(command.split(' '));
    expect([command, exitCode, stderr]).toEqual([command, 0, '']);
    printed += stdout;
  }
  return printed;
}

async function list(): Promise<RemoteNetworks> {
  return remoteNetworksSchema.parse(JSON.parse(await run(`${program} list --json`)));
}

function planFor(networks: RemoteNetworks, action: TenantAction, changes: Partial<PlanContext> = {}) {
  return preparePlan({
    entry: anEntry('kiln'),
    networks,
    observedAt: new Date(now).toISOString(),
    action,
    planContext: { ...planContextSample(now), ...changes },
  }).plan;
}

function stateOf({ tenants }: RemoteNetworks) {
  return tenants.flatMap(({ clientId, ports, quota, suspended }) =>
    clientId === acme ? [{ ports, quota, suspended }] : [],
  );
}

type Case = {
  name: string;
  before: string[];
  action: TenantAction;
  givesUp: PortRange[];
  undo: string;
  comesBack: boolean;
};

const resume = (quota: number) => ({ kind: 'resume', clientId: acme, quota }) as const;
const change = (quota: number) => ({ kind: 'change', clientId: acme, quota }) as const;
const add = (name: string) => `${program} add ${name}`;
const set = (quota: number, name = acme) => `${program} change ${quota} ${name}`;

const cases: Case[] = [
  {
    name: 'resuming with fewer ports',
    before: [add(acme), set(0)],
    action: resume(5),
    givesUp: [{ first: 2205, last: 2219 }],
    undo: `${set(20)} && ${set(0)}`,
    comesBack: true,
  },
  {
    name: 'resuming with the same ports',
    before: [add(acme), set(0)],
    action: resume(20),
    givesUp: [],
    undo: set(0),
    comesBack: true,
  },
  {
    name: 'resuming with more ports',
    before: [add(acme), set(0)],
    action: resume(25),
    givesUp: [],
    undo: `${set(20)} && ${set(0)}`,
    comesBack: true,
  },
  {
    name: 'fewer ports',
    before: [add(acme)],
    action: change(5),
    givesUp: [{ first: 2205, last: 2219 }],
    undo: set(20),
    comesBack: true,
  },
  {
    name: 'fewer ports of two blocks, which come back elsewhere',
    before: [add(acme), add('globex'), set(30), `${program} remove globex`],
    action: change(20),
    givesUp: [{ first: 2240, last: 2249 }],
    undo: set(30),
    comesBack: false,
  },
  {
    name: 'more ports below its own, so that an undo gives up its own',
    before: [add('globex'), add(acme), add('hooli'), `${program} remove globex`],
    action: change(25),
    givesUp: [],
    undo: set(20),
    comesBack: false,
  },
  {
    name: 'suspending',
    before: [add(acme)],
    action: { kind: 'suspend', clientId: acme },
    givesUp: [],
    undo: set(20),
    comesBack: true,
  },
];

const withoutCheck = (text: string) => text.replace(/ --unchanged-since \S+/u, '').replace(/ --json$/u, '');

describe.each(cases)('the plan of $name', ({ before, action, givesUp, undo, comesBack }) => {
  test('lists the released ports, and its undo does what it says', async () => {
    for (const command of before) await run(command);
    const networks = await list();
    const plan = planFor(networks, action);
    expect({ givesUp: plan.givesUp, command: plan.undo.command, possible: plan.undo.possible }).toEqual({
      givesUp,
      command: undo,
      possible: true,
    });
    for (const { text } of plan.commands) await run(withoutCheck(text));
    const inverse = plan.undo.action === null ? null : planFor(await list(), plan.undo.action);
    // The plan contains an undo action only if a single command undoes the change.
    expect(inverse?.commands.map(({ text }) => withoutCheck(text))).toEqual(
      undo.includes('&&') ? undefined : [undo],
    );
    expect(stateOf(await list())[0]?.ports).toEqual(plan.after?.ports);
    await run(undo);
    const restored = stateOf(await list());
    expect(isDeepStrictEqual(restored, stateOf(networks))).toBe(comesBack);
    expect(/, not .* as before\./u.test(plan.undo.text)).toBe(!comesBack);
  });
});

test('when a plan releases ports, its undo and the command name them', async () => {
  await run(add(acme));
  await run(set(0));
  const plan = planFor(await list(), resume(5));
  expect(plan.undo.text).toBe(
    'The tenant is suspended again with 2200–2219 as before, unless another tenant gets the released ports. Its sessions end; its keys are kept. It can log in between the two commands: check that the second command succeeds.',
  );
  expect(await run(set(5))).toBe('changed acme: quota 5, ports 2200–2204, released 2205–2219\n');
});

test('when the licence allows no more ports, releasing ports has no undo', async () => {
  await run(add(acme));
  await run(set(0));
  const licence = aLicence({ state: 'expired', reason: 'over' });
  const { undo } = planFor(await list(), resume(5), { licence });
  expect(undo).toEqual({
    possible: false,
    text: expect.stringMatching(/^The licence is /u),
    command: null,
    action: null,
  });
  expect(planFor(await list(), resume(20), { licence }).undo.possible).toBe(true);
});

test('when ports of several blocks are released and no block is large enough, the plan says that they are lost', async () => {
  const within = { first: 2200, last: 2229 };
  const networks = await list();
  const at = new Date(now).toISOString();
  const tenant = (clientId: string, ports: PortRange[], quota: number) => ({
    clientId,
    quota,
    suspended: false,
    ports,
    keys: [],
    createdAt: at,
    changedAt: at,
    sessions: [],
    forwards: [],
    lastSession: null,
  });
  const full = remoteNetworksSchema.parse({
    ...networks,
    portRange: within,
    tenants: [
      tenant(
        acme,
        [2200, 2210, 2220].map((first) => ({ first, last: first + 4 })),
        15,
      ),
      tenant(
        'globex',
        [2205, 2215, 2225].map((first) => ({ first, last: first + 4 })),
        15,
      ),
    ],
  });
  expect(planFor(full, change(5))).toMatchObject({
    givesUp: [
      { first: 2210, last: 2214 },
      { first: 2220, last: 2224 },
    ],
    undo: { possible: false, command: null },
  });
});

test('when a tenant was added, undoing removes it; a removal and an ended process have no undo', async () => {
  const networks = await list();
  const key = { from: 'generated' } as const;
  const added = planFor(networks, { kind: 'add', clientId: acme, key, quota: null });
  expect(added.undo.action).toEqual({ kind: 'remove', clientId: acme });
  await run(add(acme));
  const existing = await list();
  expect(planFor(existing, { kind: 'remove', clientId: acme }).undo.action).toBeNull();
  expect(planFor(existing, { kind: 'rotate', clientId: acme, key, overlapHours: 1 }).undo.action).toBeNull();
});
