import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient, os } from '@orpc/server';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import { contract, type Contract } from '../../src-shared/contract/index.ts';
import type { Changes } from '../../src-shared/contract/fleet.ts';
import { roleSchema, type ProcedureMeta, type Role } from '../../src-shared/contract/procedure.ts';
import type { ApplianceInput } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Services } from '../services.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import { requireRole } from './context.ts';
import { toRpcError } from './errors.ts';
import { serveMessagePort } from './transports.ts';

let site: TestServices;
let services: Services;
const channels: MessageChannel[] = [];
const input: ApplianceInput = {
  name: 'kiln',
  target: {
    host: '127.0.0.1',
    port: 1,
    user: 'root',
    authentication: { agent: false, keyFile: null, password: true, keyboardInteractive: false },
  },
  jumps: [],
  sudo: 'none',
  legacyAlgorithms: false,
  group: '',
  cluster: '',
  description: '',
  tags: [],
  connect: 'always',
  colour: 'none',
};

beforeEach(() => {
  site = createTestServices();
  services = site.services;
});
afterEach(async () => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
  await site.close();
});

function connect(role: Role = 'admin'): ContractRouterClient<Contract> {
  const channel = new MessageChannel();
  channels.push(channel);
  serveMessagePort(channel.port1, { services, role });
  return createORPCClient(new PortLink({ port: channel.port2 }));
}

async function nextOf(changes: AsyncIterator<Changes, unknown, void>): Promise<Changes> {
  const step = await changes.next();
  if (step.done === true) throw new Error('the stream ended');
  return step.value;
}

test('answers over a real MessagePort', async () => {
  const client = connect();
  expect(await client.system.about({})).toMatchObject({
    operator: 'ada',
    host: 'web',
    role: 'admin',
    lab: false,
  });
  const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
  expect(await client.appliances.list({})).toEqual({ appliances: [appliance] });
  expect(await client.audit.verify({})).toMatchObject({ ok: true, count: 2 });
  expect((await client.tenants.list({ applianceId: null })).tenants).toEqual([]);
});

test.each(['\0', 'kiln\0x', '\0kiln'])(
  'rejects the query %j of the audit trail with INVALID_INPUT',
  async (query) => {
    const { actions } = connect('viewer').audit;
    const request = { before: null, limit: 1, chip: null };
    await expect(actions({ ...request, query })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect((await actions({ ...request, query: 'kiln' })).actions).toEqual([]);
  },
);

test('rejects a terminal with TERMINAL_UNAVAILABLE on a host without one, and a viewer with NOT_PERMITTED', async () => {
  const client = connect();
  const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
  const { id } = appliance;
  await expect(client.appliances.openTerminal({ id })).rejects.toMatchObject({
    code: 'TERMINAL_UNAVAILABLE',
  });
  await expect(connect('operator').appliances.openTerminal({ id })).rejects.toMatchObject({
    code: 'TERMINAL_UNAVAILABLE',
  });
  await expect(connect('viewer').appliances.openTerminal({ id })).rejects.toMatchObject({
    code: 'NOT_PERMITTED',
  });
  expect((await client.system.about({})).canOpenTerminal).toBe(false);
  expect(await client.audit.verify({})).toMatchObject({ count: 2, unfinished: [] });
});

describe('errors as data', () => {
  test('have code, message, and whether a retry can help', async () => {
    const client = connect();
    await client.appliances.add({ appliance: input, hostKey: null });
    await expect(client.appliances.add({ appliance: input, hostKey: null })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringMatching(
        /^There is already an appliance named kiln\. kiln already has this address: /u,
      ),
      data: { retryable: false, detail: { name: 'kiln' } },
    });
    const again = { appliance: { ...input, name: 'mill' }, hostKey: null };
    await expect(client.appliances.add(again)).rejects.toMatchObject({
      code: 'ADDRESS_TAKEN',
      data: { retryable: false, detail: { existing: 'kiln' } },
    });
  });

  test('are also sent when a stream can’t start', async () => {
    const tail = connect().syslog.tail({ applianceIds: [crypto.randomUUID()], lines: 1 });
    await expect(tail).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('when unexpected, go to the log, and the page gets no detail', () => {
    const error = toRpcError(new TypeError('secret internals'), services.log);
    expect(error.toJSON()).toMatchObject({ code: 'INTERNAL', data: { retryable: false } });
    expect(JSON.stringify(error)).not.toContain('secret internals');
    expect(site.logged()).toContain('secret internals');
  });

  test('when expected, keep their code', () => {
    expect(toRpcError(new AppError('LINK_LOST', 'gone'), services.log)).toMatchObject({
      code: 'LINK_LOST',
      data: { retryable: true, detail: {} },
    });
  });
});

describe('input is parsed strictly', () => {
  test.each([
    ['nothing', undefined],
    ['a wrong type', { id: 7 }],
    ['a field too many', { id: null, more: true }],
    ['a text', 'fleet'],
  ])('rejects %s with INVALID_INPUT', async (_, rubbish) => {
    const channel = new MessageChannel();
    channels.push(channel);
    serveMessagePort(channel.port1, { services, role: 'admin' });
    const anyInput: { fleet: { refresh: (input: unknown) => Promise<unknown> } } = createORPCClient(
      new PortLink({ port: channel.port2 }),
    );
    await expect(anyInput.fleet.refresh(rubbish)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('names the invalid field but never its value', async () => {
    const client = connect();
    const answers = ['s3cret'.repeat(1000)];
    const refused = await client.appliances
      .answerPrompt({ promptId: crypto.randomUUID(), answers })
      .catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(ORPCError);
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('answers.0') });
    expect(JSON.stringify(refused)).not.toContain('s3cret');
    expect(site.logged()).not.toContain('s3cret');
  });
});

function isPermitted(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    (thrown: unknown) => !(thrown instanceof ORPCError && thrown.code === 'NOT_PERMITTED'),
  );
}

describe('roles', () => {
  test.each<[Role, string[]]>([
    ['viewer', []],
    ['operator', ['connect']],
    ['admin', ['connect', 'add']],
  ])('%s may call what needs at most this role', async (role, allowed) => {
    await connect().appliances.add({ appliance: input, hostKey: null });
    const [entry] = services.inventory.list();
    const client = connect(role);
    expect(await isPermitted(client.fleet.overview({}))).toBe(true);
    expect(await isPermitted(client.appliances.connect({ id: entry?.id ?? '' }))).toBe(
      allowed.includes('connect'),
    );
    expect(
      await isPermitted(client.appliances.add({ appliance: { ...input, name: 'mill' }, hostKey: null })),
    ).toBe(allowed.includes('add'));
  });

  test('every procedure of the contract declares one', () => {
    const metaSchema = z.object({ '~orpc': z.object({ meta: z.object({ role: roleSchema }) }) });
    const procedures = Object.entries(contract).flatMap(([domain, group]) =>
      Object.entries(group).map(([name, procedure]) => ({ name: `${domain}.${name}`, procedure })),
    );
    expect(procedures.length).toBeGreaterThan(20);
    for (const { name, procedure } of procedures)
      expect([name, metaSchema.safeParse(procedure).success]).toEqual([name, true]);
  });

  test('when a procedure declares no role, rejects every caller before anything runs', async () => {
    const ran = vi.fn<() => string>(() => 'done');
    const undeclared = os.$context<{ role: Role }>().$meta<ProcedureMeta>({}).use(requireRole).handler(ran);
    const client = createRouterClient({ undeclared }, { context: { role: 'admin' } });
    await expect(client.undeclared()).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(ran).not.toHaveBeenCalled();
  });
});

describe('editing an appliance', () => {
  test('when a call names the changed fields, the others keep what the console has', async () => {
    const client = connect();
    const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
    await client.appliances.edit({ id: appliance.id, appliance: { ...input, group: 'labs' } });
    const stale = { ...input, tags: ['x'], description: 'new' };
    await client.appliances.edit({ id: appliance.id, appliance: stale, changes: ['description'] });
    expect(services.inventory.list()).toEqual([{ ...appliance, group: 'labs', description: 'new' }]);
    const page = await client.audit.actions({ before: null, limit: 1, query: 'appliance.edit', chip: null });
    expect(page.actions).toMatchObject([{ outcome: { detail: 'changed: description' } }]);
  });

  test.each([
    [{ cluster: 'south' }, 'changed: cluster'],
    [{ group: 'labs', legacyAlgorithms: true }, 'changed: legacyAlgorithms, group'],
    [{}, 'nothing changed'],
  ] as const)('when %j is entered, records "%s"', async (change, detail) => {
    const client = connect();
    const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
    await client.appliances.edit({ id: appliance.id, appliance: { ...input, ...change } });
    const page = await client.audit.actions({ before: null, limit: 1, query: 'appliance.edit', chip: null });
    expect(page.actions).toMatchObject([
      {
        start: { event: 'appliance.edit', phase: 'intent' },
        outcome: { event: 'appliance.edit', result: 'ok', detail },
      },
    ]);
  });
});

describe('locking an appliance', () => {
  const change = { kind: 'suspend', clientId: 'acme' } as const;

  test('when locked, refuses and records changes of its tenants before connecting', async () => {
    const client = connect();
    const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
    const { id } = appliance;
    expect(await client.appliances.setLock({ id, locked: true })).toEqual({
      appliance: { ...appliance, locked: true },
    });
    const request = { applianceId: id, action: change, basis: null, reason: 'TICKET-7', typedName: null };
    await expect(client.tenants.apply(request)).rejects.toMatchObject({ code: 'APPLIANCE_LOCKED' });
    await expect(client.tenants.plan({ applianceId: id, action: change })).rejects.toMatchObject({
      code: 'APPLIANCE_LOCKED',
    });
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
    const add = {
      kind: 'add',
      clientId: 'acme',
      key: { from: 'given', publicKey: key },
      quota: null,
    } as const;
    await expect(client.tenants.apply({ ...request, action: add })).rejects.toMatchObject({
      code: 'APPLIANCE_LOCKED',
    });
    expect(services.links.state(id).state).toBe('idle');
    const page = await client.audit.actions({ before: null, limit: 3, query: 'kiln', chip: 'changes' });
    expect(
      page.actions.map(({ start, outcome }) => [start.event, start.result, start.errorCode, outcome?.result]),
    ).toEqual([
      ['tenant.add', 'failed', 'APPLIANCE_LOCKED', undefined],
      ['tenant.suspend', 'failed', 'APPLIANCE_LOCKED', undefined],
      ['appliance.lock', 'pending', null, 'ok'],
    ]);
  });

  test('rejects an operator with NOT_PERMITTED, to lock and to unlock', async () => {
    const { appliance } = await connect().appliances.add({ appliance: input, hostKey: null });
    for (const locked of [true, false])
      await expect(
        connect('operator').appliances.setLock({ id: appliance.id, locked }),
      ).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(services.inventory.list()).toEqual([appliance]);
  });
});

describe('importing appliances', () => {
  const text = 'name,address\nmill,root@10.0.0.2\nkiln,root@127.0.0.1:1\n';

  test('when rows of a preview are imported, records each, and a failed row has its error', async () => {
    const client = connect();
    await client.appliances.add({ appliance: input, hostKey: null });
    const { rows } = await client.appliances.importPreview({ source: { kind: 'csv', text } });
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['mill', 'new'],
      ['kiln', 'same'],
    ]);
    const wanted = rows.flatMap(({ appliance }) => (appliance === null ? [] : [{ id: null, appliance }]));
    expect(await client.appliances.import({ rows: wanted })).toMatchObject({
      results: [
        { name: 'mill', error: null },
        { name: 'kiln', error: { code: 'ALREADY_EXISTS' } },
      ],
    });
    const page = await client.audit.actions({ before: null, limit: 2, query: 'appliance.add', chip: null });
    expect(page.actions.map(({ start, outcome }) => [start.object, start.result, outcome?.result])).toEqual([
      ['kiln', 'pending', 'failed'],
      ['mill', 'pending', 'ok'],
    ]);
  });

  test('when an ssh_config is sent as text, includes no file of this computer', async () => {
    const source = { kind: 'ssh-config', text: 'Include /etc/hosts\nHost kiln\n' } as const;
    expect(await connect().appliances.importPreview({ source })).toMatchObject({
      rows: [{ name: 'kiln', state: 'new' }],
      problems: [],
    });
  });

  test('rejects an operator with NOT_PERMITTED', async () => {
    const client = connect('operator');
    const source = { kind: 'csv', text } as const;
    const refusal = { code: 'NOT_PERMITTED' };
    await expect(client.appliances.importPreview({ source })).rejects.toMatchObject(refusal);
    const rows = [{ id: null, appliance: input }];
    await expect(client.appliances.import({ rows })).rejects.toMatchObject(refusal);
  });
});

describe('watching', () => {
  test('starts with every appliance and then yields changes', async () => {
    const client = connect();
    const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
    const changes = await client.fleet.watch({});
    expect((await nextOf(changes)).appliances.map((view) => view.entry.name)).toEqual(['kiln']);
    await client.appliances.edit({ id: appliance.id, appliance: { ...input, name: 'oven' } });
    const names: string[] = [];
    while (!names.includes('oven')) {
      names.push(...(await nextOf(changes)).appliances.map((view) => view.entry.name));
    }
    await client.appliances.remove({ id: appliance.id, name: 'oven' });
    let removed: string[] = [];
    while (removed.length === 0) removed = (await nextOf(changes)).removed;
    expect(removed).toEqual([appliance.id]);
    await changes.return?.();
  });

  test('wants the links until the page is gone', async () => {
    const client = connect();
    const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
    expect(services.links.state(appliance.id).state).toBe('idle');
    const changes = await client.fleet.watch({});
    await nextOf(changes);
    expect(services.links.state(appliance.id).state).not.toBe('idle');
    const { port2 } = channels[0] ?? new MessageChannel();
    port2.close();
    await expect.poll(() => services.links.holdCount()).toBe(0);
  });

  test('when a secret is asked for, the trail has the kind of the question and never the answer', async () => {
    const client = connect();
    const { appliance } = await client.appliances.add({ appliance: input, hostKey: null });
    const answered = services.prompts.ask(appliance.id, {
      hop: 'root@127.0.0.1:1',
      kind: 'password',
      title: 'Password',
      fields: [{ label: 'Password', echo: false }],
      refused: false,
    });
    const [prompt] = (await client.appliances.prompts({})).prompts;
    if (prompt === undefined) throw new Error('no prompt');
    await expect(
      client.appliances.answerPrompt({ promptId: prompt.id, answers: ['a', 'b'] }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await client.appliances.answerPrompt({ promptId: prompt.id, answers: ['hunter2'] });
    expect(await answered).toEqual(['hunter2']);
    const { actions } = await client.audit.actions({ before: null, limit: 50, query: '', chip: null });
    const [latest] = actions;
    expect(latest?.outcome ?? latest?.start).toMatchObject({
      event: 'secret.answer',
      detail: 'password',
      result: 'ok',
    });
    expect(JSON.stringify(actions) + site.logged()).not.toContain('hunter2');
  });
});
