import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LicencePayload, LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { createLicenceConsole, type LicenceConsole } from '../../../test-support/licenceConsole.ts';
import { licenceAction } from '../applianceLicences.ts';
import { licenceArgv } from '../../../src-shared/model/licence/licenceArgv.ts';
import { runWindow, type WindowLink } from './runWindow.ts';
import { buildFinished } from './windowResult.ts';

let site: LicenceConsole;
beforeEach(async () => {
  site = await createLicenceConsole();
  await site.licences.openTrip({ applianceId: site.entry.id });
});
afterEach(() => site.stop());

/** The kernel's table of an appliance on which nothing listens. */
const stdout = '  sl  local_address rem_address   st\n';
/** A row of port 40,000. */
const listener = '   0: 0100007F:9C40 00000000:0000 0A\n';

const isGone = () => Promise.resolve({ exitCode: 1, signal: null, stdout, stderr: '' });

/** A link whose sshd lends a port, and whose command imports the answer of the appliance's authority. */
function linkTo(changes: Partial<LicencePayload>): WindowLink {
  const { driver, commands } = site.appliance;
  const fetch: WindowLink['driver']['connected']['fetch'] = async ({ isDryRun }) => {
    const document = await site.appliance.answer(changes);
    const licence = await commands.import({ document, isDryRun });
    const { outcome } = licence;
    return { contract: 1, outcome, problems: [], changes: [], digest: null, revision: 0, licence };
  };
  return {
    driver: { ...driver, connected: { fetch, authority: () => Promise.reject(new Error('not asked')) } },
    session: {
      run: isGone,
      forwardIn: () => Promise.resolve({ port: 40_000, close: () => Promise.resolve('confirmed') }),
      onChange: () => () => undefined,
      state: () => site.connected,
      want: () => undefined,
      ready: () => Promise.resolve(),
    },
  };
}

async function renew(
  changes: Partial<LicencePayload> = {},
  parts: { link?: WindowLink; cancelled?: AbortSignal } = {},
) {
  const { entry, audit } = site;
  const facts = await runWindow({
    entry,
    link: parts.link ?? linkTo(changes),
    target: { host: 'licences.example', port: 443 },
    seconds: 60,
    isDryRun: false,
    acknowledged: [],
    cancelled: parts.cancelled ?? new AbortController().signal,
    audit,
    clock: Date.now,
    recordRollback: (sequence, run) =>
      audit.act(
        { event: 'licence.rollback', ...licenceAction(entry, licenceArgv.rollBack(sequence), '') },
        run,
      ),
    onOpen: () => undefined,
    onClosing: () => undefined,
    onClosed: () => undefined,
  });
  return buildFinished({ ...facts, tunnels: [] });
}

/** The appliance shows these fields wrongly once the new licence is installed, until the rollback. */
function lie(shown: Partial<LicenceShowOutput>): void {
  site.appliance.faults.licence = () => {
    const truth = site.appliance.show();
    return Promise.resolve(truth.sequence === 13 ? { ...truth, ...shown } : truth);
  };
}

/** Results of an event in the trail, oldest first. */
const recorded = (event: string) =>
  site.audit
    .list({ before: null, limit: 50, query: event })
    .records.toReversed()
    .map(({ errorCode, result }) => errorCode ?? result);

const entitlements = { accounts: 100, connectors: ['smb'], plan: 'standard', internalDevelopment: false };

test('when the licence is read back as installed, it is renewed and not rolled back', async () => {
  expect(await renew()).toMatchObject({ result: 'renewed', failure: null, installed: { sequence: 13 } });
  expect(site.appliance.ran).not.toContain('rollback');
  expect(recorded('licence.apply')).toEqual(['pending', 'ok']);
});

test.each<[string, Partial<LicenceShowOutput>]>([
  ['sequence', { sequence: 11 }],
  ['expiry', { expiresAt: '2027-01-01T00:00:00.000Z' }],
  ['not before', { notBefore: null }],
  ['grace', { graceEndsAt: '2027-01-01T00:00:00.000Z' }],
  ['connectors', { entitlements }],
])('when its %s is read back as another one, the licence before is installed again', async (field, shown) => {
  lie(shown);
  const finished = await renew();
  expect(finished).toMatchObject({
    result: 'rolled-back',
    failure: { code: 'VERIFICATION_FAILED', message: expect.stringContaining(`(${field})`) },
    installed: { sequence: 12 },
    losses: [],
  });
  expect(finished.failure?.message).toContain('Sequence 12 was installed again.');
  expect(site.appliance.show().sequence).toBe(12);
  expect(recorded('licence.rollback')).toEqual(['pending', 'ok']);
  expect(recorded('licence.apply')).toEqual(['pending', 'VERIFICATION_FAILED']);
});

test('when it can’t be rolled back either, says that another licence is installed', async () => {
  lie({ sequence: 99 });
  site.appliance.faults.rollBack = () => Promise.reject(new AppError('NOT_FOUND', 'sequence 12 is not kept'));
  expect(await renew()).toMatchObject({
    result: 'different',
    failure: { message: expect.stringContaining('could not be rolled back: sequence 12 is not kept') },
    installed: { sequence: 99 },
  });
});

test('when the link is lost during the rollback, the result is unknown', async () => {
  lie({ sequence: 99 });
  site.appliance.faults.rollBack = () => Promise.reject(new AppError('LINK_LOST', 'The link was lost.'));
  expect(await renew()).toMatchObject({ result: 'unknown', failure: { code: 'LINK_LOST' } });
  expect(recorded('licence.apply')).toEqual(['pending', 'LINK_LOST']);
});

test.each([
  ['can’t be asked about its port', () => Promise.reject(new AppError('LINK_LOST', 'The link was lost.'))],
  [
    'still has something that listens on the port',
    () => Promise.resolve({ exitCode: 0, signal: null, stdout: `${stdout}${listener}`, stderr: '' }),
  ],
])('when the appliance %s, the trail does not say that the window is closed', async (_what, answer) => {
  const link = linkTo({});
  let isClosing = false;
  link.session.forwardIn = () =>
    Promise.resolve({
      port: 40_000,
      close: () => {
        isClosing = true;
        return Promise.resolve('connection-ended');
      },
    });
  // Another command asks whether the fetch still runs.
  link.session.run = ({ argv }) => (isClosing && argv[0] === 'grep' ? answer() : isGone());
  await renew({}, { link });
  expect(recorded('connectedWindow.close')).toEqual(['failed']);
});

test('when the appliance refuses the licence, nothing is rolled back', async () => {
  expect(await renew({ sequence: 12 })).toMatchObject({
    result: 'refused',
    failure: { code: 'VERIFICATION_FAILED' },
    installed: { sequence: 12 },
  });
  expect(site.appliance.ran).not.toContain('rollback');
});

test.each([
  ['policy', 'POLICY_FORBIDS'],
  ['cancelled', 'CANCELLED'],
])(
  'when the window is closed by %s while the command runs, says why and reads the licence',
  async (why, code) => {
    const closing = new AbortController();
    const link = linkTo({});
    link.driver.connected.fetch = () => {
      closing.abort(why);
      return Promise.reject(new AppError('COMMAND_FAILED', 'socket hang up'));
    };
    expect(await renew({}, { link, cancelled: closing.signal })).toMatchObject({
      result: 'failed',
      failure: { code },
      installed: { sequence: 12 },
    });
    expect(recorded('connectedWindow.close')).toEqual(['ok']);
    const [closed] = site.audit.list({ before: null, limit: 1, query: 'connectedWindow.close' }).records;
    expect(closed?.detail).toContain(`closed: ${why}`);
  },
);
