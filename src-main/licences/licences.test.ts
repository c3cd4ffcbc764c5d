import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { hourMs } from '../../src-shared/base/time.ts';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import { createLicenceRequester } from '../../test-support/licenceRequester.ts';
import { forgeLicence } from '../../test-support/licenceSupply.ts';
import { tripSchema, type Trip } from '../../src-shared/model/licence/trip.ts';
import { readRequest } from './tripView.ts';
import { createLicenceConsole, type LicenceConsole } from '../../test-support/licenceConsole.ts';

let site: LicenceConsole;
beforeEach(async () => {
  site = await createLicenceConsole();
});
afterEach(() => site.stop());

const openTrip = () => site.licences.openTrip({ applianceId: site.entry.id });

/** A trip with an answer whose dry run passed. */
async function readyTrip(changes: Partial<LicencePayload> = {}) {
  const { trip } = await openTrip();
  const text = await site.appliance.answer(changes);
  await site.licences.readAnswer({ tripId: trip.id, way: 'file', text });
  await site.licences.dryRun(trip.id);
  return trip.id;
}

/** Phases and results of an event in the trail, oldest first. */
const recorded = (event: string) =>
  site.audit
    .list({ before: null, limit: 50, query: event })
    .records.toReversed()
    .map(({ phase, errorCode, result }) => `${phase} ${errorCode ?? result}`);

test('when a licence is renewed, each step follows from the one before it', async () => {
  const { licences, appliance } = site;
  const opened = await openTrip();
  expect(opened).toMatchObject({ name: 'quay-01-0007', step: 'carry', entryId: site.entry.id, checks: [] });
  const tripId = opened.trip.id;
  expect(await licences.markCarried({ tripId, way: 'qr' })).toMatchObject({ step: 'answer' });
  const answer = await appliance.answer();
  const read = await licences.readAnswer({
    tripId,
    way: 'text',
    text: `> ${answer.slice(0, 70)}\n> ${answer.slice(70)}`,
  });
  expect(read).toMatchObject({ step: 'dryRun', losses: [] });
  expect(read.checks.map(({ outcome }) => outcome)).toEqual(read.checks.map(() => 'passed'));
  expect(read.changes.find(({ id }) => id === 'expiry')).toMatchObject({
    difference: '+350 d',
    effect: 'gain',
  });
  expect(appliance.ran).toEqual(['show', 'request']);
  expect(await licences.dryRun(tripId)).toMatchObject({ step: 'apply' });
  const applied = await licences.apply(tripId);
  expect(applied).toMatchObject({ step: 'receipt', trip: { applying: null, failure: null, ended: null } });
  expect(applied.trip.applied?.receipt).toMatch(/^eyJ/u);
  expect(appliance.ran).toEqual(['show', 'request', 'dry run', 'import', 'show']);
  expect(await licences.markReceiptCarried({ tripId, way: 'file' })).toMatchObject({
    trip: { ended: { how: 'done', by: 'ada' } },
  });
  expect(recorded('licence.request')).toEqual(['intent pending', 'outcome ok']);
  expect(recorded('licence.apply')).toEqual(['intent pending', 'outcome ok']);
});

test('when the console restarts, an open trip continues at its step', async () => {
  const tripId = await readyTrip();
  site.restart();
  expect(await site.licences.trips()).toMatchObject([{ id: tripId, step: 'apply', ended: null }]);
  expect(await site.licences.apply(tripId)).toMatchObject({ step: 'receipt' });
});

test('when the console restarts after each step, the trip goes on at the next one and keeps what was done', async () => {
  const { appliance } = site;
  const entitlements = { accounts: 100, connectors: ['smb'], plan: 'standard', internalDevelopment: false };
  const { trip } = await openTrip();
  const tripId = trip.id;
  const text = await appliance.answer({ entitlements });
  const loss = { tripId, loss: 'connector:cq5', isAcknowledged: true };
  const steps: [() => Promise<unknown>, string][] = [
    [() => site.licences.trip(tripId), 'carry'],
    [() => site.licences.markCarried({ tripId, way: 'file' }), 'answer'],
    [() => site.licences.readAnswer({ tripId, way: 'file', text }), 'verify'],
    [() => site.licences.acknowledgeLoss(loss), 'dryRun'],
    [() => site.licences.dryRun(tripId), 'apply'],
    [() => site.licences.apply(tripId), 'receipt'],
  ];
  for (const [run, next] of steps) {
    await run();
    const before = await site.licences.trip(tripId);
    site.restart();
    expect(await site.licences.trip(tripId)).toEqual(before);
    expect(before.step).toBe(next);
    expect(await site.licences.trips()).toHaveLength(1);
  }
  site.restart();
  expect(await site.licences.markReceiptCarried({ tripId, way: 'file' })).toMatchObject({
    trip: { ended: { how: 'done' }, acknowledged: [{ loss: 'connector:cq5' }] },
  });
  // Each command ran once, although the console restarted.
  expect(appliance.ran).toEqual(['show', 'request', 'dry run', 'import', 'show']);
});

test('when a second request is made after each step of a trip, that trip is void and says so', async () => {
  const steps = [
    () => Promise.resolve(),
    (tripId: string) => site.licences.markCarried({ tripId, way: 'qr' }),
    async (tripId: string) =>
      site.licences.readAnswer({ tripId, way: 'text', text: await site.appliance.answer() }),
    (tripId: string) => site.licences.dryRun(tripId),
  ];
  for (const [index] of steps.entries()) {
    const { trip } = await openTrip();
    for (const step of steps.slice(0, index + 1)) await step(trip.id);
    const second = await openTrip();
    expect((await site.licences.trip(trip.id)).trip.ended).toMatchObject({ how: 'void', by: 'ada' });
    expect((await site.licences.trips()).filter(({ ended }) => ended === null)).toMatchObject([
      { id: second.trip.id },
    ]);
    const isVoid = { code: 'INVALID_INPUT', message: expect.stringContaining('a newer request was made') };
    await expect(site.licences.markCarried({ tripId: trip.id, way: 'qr' })).rejects.toMatchObject(isVoid);
    await expect(site.licences.cancelTrip(trip.id)).rejects.toMatchObject(isVoid);
    await expect(site.licences.apply(trip.id)).rejects.toBeInstanceOf(AppError);
  }
  expect(site.appliance.ran).not.toContain('import');
});

test('when a second trip is opened, the first one becomes void and its answer is refused', async () => {
  const first = await openTrip();
  const old = await site.appliance.answer();
  const second = await openTrip();
  expect(await site.licences.trips()).toMatchObject([
    { id: second.trip.id, ended: null },
    { id: first.trip.id, ended: { how: 'void' } },
  ]);
  const read = { way: 'file', text: old } as const;
  await expect(site.licences.readAnswer({ tripId: first.trip.id, ...read })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('void'),
  });
  const view = await site.licences.readAnswer({ tripId: second.trip.id, ...read });
  expect(view.checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({ check: 'request' });
  await expect(site.licences.dryRun(second.trip.id)).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
  expect(site.appliance.ran).not.toContain('dry run');
});

test('when an answer takes something away, rejects an apply until each loss is acknowledged', async () => {
  site.tunnels.push(
    { clientId: 'acme', port: 2322, destination: 'cq5+http://cq.acme.lan:4502/', word: 'OK' },
    { clientId: 'north', port: 2306, destination: 'aem://author.nw.lan/', word: 'idle' },
    { clientId: 'acme', port: 2323, destination: 'smb://files.acme.lan', word: 'OK' },
    { clientId: 'acme', port: null, destination: 'cq5+http://waiting.acme.lan', word: 'no port' },
  );
  const entitlements = { accounts: 50, connectors: ['smb'], plan: 'standard', internalDevelopment: false };
  const tripId = await readyTrip({ entitlements });
  const view = await site.licences.trip(tripId);
  expect(view.step).toBe('verify');
  expect(view.losses.map(({ id, sentence }) => [id, sentence])).toEqual([
    ['accounts', 'The number of accounts falls from 100 to 50. 80 are in use.'],
    ['connector:cq5', '“cq5” is no longer licensed; 2 tunnels use it.'],
  ]);
  expect(view.losses[1]?.tunnels.map(({ port }) => port)).toEqual([2322, 2306]);
  await expect(site.licences.apply(tripId)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await site.licences.acknowledgeLoss({ tripId, loss: 'accounts', isAcknowledged: true });
  await expect(site.licences.apply(tripId)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(
    site.licences.acknowledgeLoss({ tripId, loss: 'connector:smb', isAcknowledged: true }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(
    await site.licences.acknowledgeLoss({ tripId, loss: 'connector:cq5', isAcknowledged: true }),
  ).toMatchObject({
    step: 'apply',
    losses: [{ acknowledged: { by: 'ada' } }, { acknowledged: { by: 'ada' } }],
  });
  await site.licences.apply(tripId);
  expect(recorded('licence.acknowledge')).toEqual([
    'intent pending',
    'outcome ok',
    'intent pending',
    'outcome ok',
  ]);
});

test('when an answer changes the configuration, each changed key is a loss with both values, secrets hidden', async () => {
  const set = { hostname: 'new.example', 'db.port': 5432, 'db.password': 'planted', 'smtp.host': 'mail' };
  const tripId = await readyTrip({ configuration: { revision: 1, set } });
  const { losses, changes } = await site.licences.trip(tripId);
  expect(losses.map(({ id, sentence }) => [id, sentence])).toEqual([
    ['configuration:hostname', 'The configuration changes “hostname” from quay-01.example to new.example.'],
    [
      'configuration:db.password',
      'The configuration changes “db.password” from •••••••• to new secret (hidden).',
    ],
  ]);
  expect(JSON.stringify(changes)).not.toContain('planted');
  await expect(site.licences.apply(tripId)).rejects.toMatchObject({
    message: expect.stringContaining('loss is not acknowledged'),
  });
});

test('when another answer is read, its losses and its dry run start again', async () => {
  const entitlements = {
    accounts: 50,
    connectors: ['smb', 'cq5'],
    plan: 'standard',
    internalDevelopment: false,
  };
  const tripId = await readyTrip({ entitlements });
  await site.licences.acknowledgeLoss({ tripId, loss: 'accounts', isAcknowledged: true });
  const text = await site.appliance.answer({ entitlements, sequence: 14 });
  const view = await site.licences.readAnswer({ tripId, way: 'file', text });
  expect(view).toMatchObject({ step: 'verify', trip: { dryRun: null, acknowledged: [] } });
  await expect(site.licences.apply(tripId)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('when the appliance refuses the answer, nothing is applied and the failing check is named', async () => {
  const tripId = await readyTrip();
  site.appliance.faults.import = async ({ document }) => {
    const output = await site.appliance.commands.import({ document, isDryRun: true });
    const detail = 'sequence 13, installed up to 13';
    const checks = output.checks.map((check) =>
      check.check === 'sequence' ? { ...check, outcome: 'failed' as const, detail } : check,
    );
    return { ...output, outcome: 'refused', checks };
  };
  expect(await site.licences.apply(tripId)).toMatchObject({
    step: 'dryRun',
    trip: { applying: null, applied: null, failure: { outcome: 'not-applied', code: 'VERIFICATION_FAILED' } },
  });
  expect(recorded('licence.apply')).toEqual(['intent pending', 'outcome VERIFICATION_FAILED']);
});

test('when the appliance refuses the command, rejects with its code and the trip stays at its step', async () => {
  const tripId = await readyTrip();
  site.appliance.faults.import = () =>
    Promise.reject(new AppError('BUSY', 'Another command holds the lock.'));
  await expect(site.licences.apply(tripId)).rejects.toMatchObject({ code: 'BUSY' });
  expect(await site.licences.trip(tripId)).toMatchObject({
    step: 'apply',
    trip: { applying: null, failure: null },
  });
  delete site.appliance.faults.import;
  expect(await site.licences.apply(tripId)).toMatchObject({ step: 'receipt' });
});

test.each([
  ['sequence', { sequence: 12 }],
  ['expiry', { expiresAt: '2027-01-01T00:00:00.000Z' }],
  ['grace', { graceEndsAt: '2027-01-01T00:00:00.000Z' }],
  [
    'accounts',
    {
      entitlements: {
        accounts: 99,
        connectors: ['smb', 'cq5'],
        plan: 'standard',
        internalDevelopment: false,
      },
    },
  ],
  [
    'connectors',
    { entitlements: { accounts: 100, connectors: ['smb'], plan: 'standard', internalDevelopment: false } },
  ],
])('when the licence read back differs in its %s, rolls back and says so', async (field, shown) => {
  const tripId = await readyTrip();
  site.appliance.faults.licence = async () => {
    if (site.appliance.ran.at(-2) !== 'rollback') return { ...site.appliance.show(), ...shown };
    return site.appliance.show();
  };
  const { trip } = await site.licences.apply(tripId);
  expect(trip).toMatchObject({ applying: null, applied: null, failure: { outcome: 'rolled-back' } });
  expect(trip.failure?.message).toContain(`(${field})`);
  expect(site.appliance.show().sequence).toBe(12);
  expect(recorded('licence.rollback')).toEqual(['intent pending', 'outcome ok']);
  expect(recorded('licence.apply')).toEqual(['intent pending', 'outcome VERIFICATION_FAILED']);
});

test('when the rollback fails too, says that another licence is installed', async () => {
  const tripId = await readyTrip();
  site.appliance.faults.licence = async () => ({ ...site.appliance.show(), sequence: 99 });
  site.appliance.faults.rollBack = () => Promise.reject(new AppError('NOT_FOUND', 'sequence 12 is not kept'));
  expect((await site.licences.apply(tripId)).trip.failure).toMatchObject({
    outcome: 'different',
    message: expect.stringContaining('It could not be rolled back: sequence 12 is not kept'),
  });
});

test('when the receipt is signed by another key, rolls back', async () => {
  const tripId = await readyTrip();
  const other = await createLicenceConsole();
  const { trip } = await other.licences.openTrip({ applianceId: other.entry.id });
  other.stop();
  site.appliance.faults.import = async (input) => ({
    ...(await site.appliance.commands.import(input)),
    receipt: trip.request,
  });
  expect((await site.licences.apply(tripId)).trip.failure).toMatchObject({
    outcome: 'rolled-back',
    message: expect.stringContaining('signed receipt'),
  });
});

const lost = () => new AppError('LINK_LOST', 'The link was lost.');

test.each([
  { when: 'before the appliance read the answer', isApplied: false },
  { when: 'after the licence was installed', isApplied: true },
])('when the link is lost $when and comes back, finds out what happened', async ({ isApplied }) => {
  const tripId = await readyTrip();
  site.appliance.faults.import = async (input) => {
    if (isApplied) await site.appliance.commands.import(input);
    throw lost();
  };
  const { trip } = await site.licences.apply(tripId);
  expect(trip).toMatchObject({
    applying: null,
    applied: isApplied ? { by: 'ada' } : null,
    failure: isApplied ? null : { outcome: 'not-applied', code: 'LINK_LOST' },
  });
  expect(recorded('licence.apply')).toEqual(['intent pending', `outcome ${isApplied ? 'ok' : 'LINK_LOST'}`]);
});

test.each([{ isApplied: false }, { isApplied: true }])(
  'when the link stays down after the answer was sent, the result is unknown until the appliance is connected (applied: $isApplied)',
  async ({ isApplied }) => {
    const tripId = await readyTrip();
    site.appliance.faults.import = async (input) => {
      site.setLink(false);
      if (isApplied) await site.appliance.commands.import(input);
      throw lost();
    };
    const unknown = await site.licences.apply(tripId);
    expect(unknown).toMatchObject({
      step: 'apply',
      trip: { applied: null, applying: { by: 'ada' }, failure: { outcome: 'unknown' } },
    });
    await expect(site.licences.apply(tripId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(openTrip()).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(site.licences.rejectAnswer(tripId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(site.licences.cancelTrip(tripId)).rejects.toMatchObject({ code: 'CONFLICT' });
    site.restart();
    site.pass(hourMs);
    site.setLink(true);
    await expect
      .poll(async () => (await site.licences.trip(tripId)).trip.applying, { timeout: 5000 })
      .toBeNull();
    const { trip } = await site.licences.trip(tripId);
    expect(trip.applied === null).toBe(!isApplied);
    expect(trip.failure?.outcome).toBe(isApplied ? undefined : 'not-applied');
  },
);

test('when another console may still be applying the answer, does not judge it', async () => {
  const tripId = await readyTrip();
  const sent = Promise.withResolvers<void>();
  site.appliance.faults.import = () => {
    sent.resolve();
    return new Promise(() => undefined);
  };
  void site.licences.apply(tripId);
  await sent.promise;
  site.restart();
  expect(await site.licences.settle(tripId)).toMatchObject({ trip: { applying: { by: 'ada' } } });
  site.pass(hourMs);
  expect(await site.licences.settle(tripId)).toMatchObject({ trip: { failure: { outcome: 'not-applied' } } });
});

test('when another console has given up waiting for the result, asks the appliance at once', async () => {
  const tripId = await readyTrip();
  site.appliance.faults.import = async (input) => {
    await site.appliance.commands.import(input);
    site.setLink(false);
    throw lost();
  };
  await site.licences.apply(tripId);
  site.restart();
  site.setLink(true);
  expect(await site.licences.settle(tripId)).toMatchObject({ step: 'receipt', trip: { applying: null } });
});

const look = (tripId: string, text: string | null = null) => site.licences.look({ tripId, text });

test('the installed licence is compared with the answer and with the request', async () => {
  const tripId = await readyTrip();
  expect(await look(tripId)).toMatchObject({ seen: 'before', licence: { sequence: 12 } });
  await site.licences.apply(tripId);
  expect(await look(tripId)).toMatchObject({ seen: 'answer', licence: { sequence: 13 } });
  site.appliance.faults.licence = async () => ({ ...site.appliance.show(), sequence: 14 });
  expect(await look(tripId)).toMatchObject({ seen: 'later' });
  // The same sequence with another expiry is another licence.
  site.appliance.faults.licence = async () => ({ ...site.appliance.show(), expiresAt: null });
  expect(await look(tripId)).toMatchObject({ seen: 'other' });
});

test('when the appliance has the answer already, records it with its receipt and runs nothing', async () => {
  const tripId = await readyTrip();
  const text = (await site.licences.trip(tripId)).trip.answer?.text ?? '';
  expect(await site.licences.findInstalled(tripId)).toMatchObject({ trip: { applied: null } });
  await site.appliance.commands.import({ document: text, isDryRun: false });
  expect(await site.licences.findInstalled(tripId)).toMatchObject({
    step: 'receipt',
    trip: { applied: { by: 'ada', receipt: expect.stringMatching(/^eyJ/u) } },
  });
  expect(site.appliance.ran).not.toContain('rollback');
  expect(site.licences.isAnswerOf({ tripId, text: `> ${text}` })).toBe(true);
  expect(site.licences.isAnswerOf({ tripId, text: await site.appliance.answer() })).toBe(false);
});

test.each([
  ['shows another licence', { sequence: 99 }],
  ['shows another expiry', { expiresAt: '2027-01-01T00:00:00.000Z' }],
])('when the receipt names the answer but the appliance %s, records nothing', async (_what, shown) => {
  const tripId = await readyTrip();
  const document = (await site.licences.trip(tripId)).trip.answer?.text ?? '';
  await site.appliance.commands.import({ document, isDryRun: false });
  site.appliance.faults.licence = async () => ({ ...site.appliance.show(), ...shown });
  expect(await site.licences.findInstalled(tripId)).toMatchObject({ trip: { applied: null } });
  expect(site.appliance.ran).not.toContain('rollback');
});

test('when the appliance is locked, rejects a request, an apply and a rollback with APPLIANCE_LOCKED', async () => {
  const tripId = await readyTrip();
  site.inventory.setLock(site.entry.id, true);
  const locked = { code: 'APPLIANCE_LOCKED', message: expect.stringContaining('licence') };
  await expect(openTrip()).rejects.toMatchObject(locked);
  await expect(site.licences.apply(tripId)).rejects.toMatchObject(locked);
  const rollback = { applianceId: site.entry.id, sequence: 12 };
  await expect(site.licences.rollBack(rollback)).rejects.toMatchObject(locked);
  expect(site.appliance.show().sequence).toBe(12);
});

test('when a kept version is installed again, records it and lists the versions', async () => {
  await site.licences.apply(await readyTrip());
  const { versions } = await site.licences.rollBack({ applianceId: site.entry.id, sequence: 12 });
  expect(versions.map(({ sequence, isInstalled }) => [sequence, isInstalled])).toEqual([
    [13, false],
    [12, true],
  ]);
  expect(recorded('licence.rollback')).toEqual(['intent pending', 'outcome ok']);
});

test('when a trip file is opened on another computer, the trip continues there and back', async () => {
  const { trip } = await openTrip();
  const { fileName, text } = await site.licences.exportTrip(trip.id);
  expect(fileName).toBe('quay-01-0007.trip.json');
  const other = await createLicenceConsole();
  try {
    expect(await other.licences.importTrip(text)).toMatchObject({ name: 'quay-01-0007', step: 'carry' });
    const answer = await site.appliance.answer();
    expect(await other.licences.readAnswer({ tripId: trip.id, way: 'file', text: answer })).toMatchObject({
      step: 'dryRun',
    });
    const back = await other.licences.exportTrip(trip.id);
    expect(await site.licences.importTrip(`\ufeff${back.text}`)).toMatchObject({
      step: 'dryRun',
      entryId: site.entry.id,
    });
    // The earlier state does not replace the later one.
    expect(await site.licences.importTrip(text)).toMatchObject({ step: 'dryRun' });
    await expect(
      other.licences.importTrip(text.replace(/"request": "eyJ./u, '"request": "eyJx')),
    ).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
    });
    await expect(other.licences.importTrip(answer)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  } finally {
    other.stop();
  }
});

/** A trip file that was changed without a key of the appliance or the authority. */
async function forgeTrip(tripId: string, changes: Partial<Trip>): Promise<string> {
  const { text } = await site.licences.exportTrip(tripId);
  const trip = tripSchema.parse(JSON.parse(text));
  const { publicKey: _own, ...request } = readRequest(changes.request ?? trip.request);
  const at = site.appliance.show().notBefore ?? '';
  const { document, keys } = forgeLicence(trip.applianceId, {
    sequence: 13,
    request: { id: request.id, nonce: request.nonce },
    notBefore: at,
  });
  return JSON.stringify({
    ...trip,
    authorityKeys: keys,
    highestSequence: 12,
    answer: { at, by: 'eve', way: 'file', text: document },
    applying: { at, by: 'eve' },
    applied: null,
    receiptCarried: null,
    ended: null,
    ...changes,
  });
}

test.each([{ signedBy: 'the appliance' }, { signedBy: 'another key' }])(
  'when a forged trip file says that its answer was sent, rolls nothing back (request signed by $signedBy)',
  async ({ signedBy }) => {
    const tripId = await readyTrip();
    await site.licences.apply(tripId);
    await site.licences.markReceiptCarried({ tripId, way: 'file' });
    const stranger = await createLicenceRequester(site.appliance.applianceId);
    const licence = { state: 'valid', key: null, sequence: 12, expiresAt: null, graceEndsAt: null } as const;
    const request =
      signedBy === 'the appliance' ? {} : { request: await stranger.request({ number: 99, licence }) };
    const forged = await forgeTrip(tripId, { id: randomUUID(), ...request });
    site.seeIdentity();
    const { trip } = await site.licences.importTrip(forged);
    site.pass(hourMs);
    const settled = await site.licences.settle(trip.id);
    expect(settled.trip.failure).toMatchObject({
      outcome: 'different',
      message: expect.stringContaining('no receipt'),
    });
    expect(site.appliance.ran).not.toContain('rollback');
    expect(site.appliance.show().sequence).toBe(13);
  },
);

test('when a trip file is signed by another key than the open renewal, the open one stays open', async () => {
  const { trip } = await openTrip();
  const stranger = await createLicenceRequester(site.appliance.applianceId);
  const forged = await forgeTrip(trip.id, {
    id: randomUUID(),
    request: await stranger.request({ number: 99 }),
  });
  await expect(site.licences.importTrip(forged)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await site.licences.trips()).toMatchObject([{ id: trip.id, ended: null }]);
});

test('when the file of a known trip names other keys of the authority, they are not trusted', async () => {
  const { trip } = await openTrip();
  const forged = await forgeTrip(trip.id, { applying: null });
  const { checks, trip: imported } = await site.licences.importTrip(forged);
  expect(imported.authorityKeys).toEqual(trip.authorityKeys);
  expect(checks.find(({ check }) => check === 'signature')).toMatchObject({ outcome: 'failed' });
});

test('when an older trip is imported beside a newer one of the appliance, it is void', async () => {
  const { trip } = await openTrip();
  const { text } = await site.licences.exportTrip(trip.id);
  await site.licences.cancelTrip(trip.id);
  const second = await openTrip();
  const other = await createLicenceConsole();
  try {
    await other.licences.importTrip((await site.licences.exportTrip(second.trip.id)).text);
    expect(await other.licences.importTrip(text)).toMatchObject({ trip: { ended: { how: 'void' } } });
    expect((await other.licences.trips()).map(({ ended }) => ended?.how ?? 'open')).toEqual(['open', 'void']);
  } finally {
    other.stop();
  }
});

test('when the request is not signed by the key that it names, rejects it and stores no trip', async () => {
  const { request } = site.appliance.commands;
  site.appliance.faults.request = async () => {
    const output = await request();
    return { ...output, request: `${output.request.slice(0, -4)}AAAA` };
  };
  await expect(openTrip()).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
  expect(await site.licences.trips()).toEqual([]);
});
