import { createUsageDriver } from '../driver/usageCommands.ts';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { aTenant } from '../../test-support/aTenant.ts';
import { unwatched } from '../../test-support/unwatched.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { planContextSample } from '../../test-support/planContextSample.ts';
import { applyChange } from './applyChange.ts';
import { preparePlan } from './plan.ts';
import { rejectUnchanged } from './runCommands.ts';

const at = '2026-11-20T09:00:00.000Z';
const entry = anEntry('kiln');
const before = aTenant('acme');
const listOf = (tenants: (typeof before)[]) => ({
  networks: { contract: 1 as const, portRange: { first: 2200, last: 5199 }, tenants, refusedLogIns: [] },
  observedAt: at,
});
const prepared = preparePlan({
  entry,
  ...listOf([before]),
  action: { kind: 'suspend', clientId: 'acme' },
  planContext: planContextSample(Date.parse(at)),
});
const upload = { path: '/home/ubuntu/.sallyport-1.pub', content: Buffer.from('key') };
const storeFailed = () => {
  throw new AppError('STORE_FAILED', 'The data folder could not be used: database is locked');
};

type Services = Parameters<typeof applyChange>[1];
function run(changes: Partial<Services> & { lock?: () => void } = {}) {
  const sent: (readonly string[])[] = [];
  const services: Services = {
    inventory: { assertUnlocked: changes.lock ?? (() => undefined) },
    links: {
      of: () => ({
        ...unused,
        driver: {
          ...unused.driver,
          changeTenant: ({ argv }) => {
            sent.push(argv);
            const { clientId, quota } = before;
            const unknown = { endedSessions: 0, fingerprint: null };
            return Promise.resolve({
              contract: 1,
              clientId,
              action: 'suspended',
              ...unknown,
              quota,
              ports: [],
            });
          },
        },
      }),
    },
    fleet: {
      readTenants: () => Promise.resolve(listOf([{ ...before, suspended: true, quota: 0, changedAt: at }])),
    },
    temporaryFiles: {
      withFile: (_request, work) => work(),
      sweep: () => Promise.resolve(),
      isRemaining: () => false,
    },
    log: pino({ level: 'silent' }),
    ...changes,
  };
  return { sent, outcome: applyChange({ entry, prepared, upload }, services) };
}

const refuse = () => Promise.reject(new AppError('LINK_LOST', 'not used'));
const unused: ReturnType<Services['links']['of']> = {
  entry,
  stopListening: () => undefined,
  session: {
    state: () => ({ state: 'idle', since: at }),
    steps: () => [],
    onChange: () => () => undefined,
    want: () => undefined,
    release: () => undefined,
    ready: refuse,
    run: refuse,
    stream: refuse,
    forwardOut: refuse,
    forwardIn: refuse,
    files: refuse,
  },
  driver: {
    status: refuse,
    remoteNetworks: refuse,
    licence: refuse,
    watch: unwatched,
    licences: { request: refuse, import: refuse, receipt: refuse, history: refuse, rollBack: refuse },
    connected: { authority: refuse, fetch: refuse },
    usage: createUsageDriver({
      session: { stream: refuse },
      run: refuse,
      privileged: false,
      isInstalled: refuse,
    }),
    accounts: { list: refuse, applications: refuse, plan: refuse, apply: refuse },
    changeTenant: refuse,
    readText: refuse,
    configuration: { show: refuse, check: refuse, update: refuse, rollBack: refuse },
    groupKeys: { list: refuse, show: refuse, rotate: refuse },
    syslogTail: refuse,
    syslogFiles: refuse,
    findLogProblem: refuse,
    readSyslog: refuse,
  },
};

test('when the data folder fails after the command ran, the change is done and its file may remain', async () => {
  const { sent, outcome } = run({
    temporaryFiles: {
      withFile: (_request, work) => work(),
      sweep: () => Promise.resolve(),
      isRemaining: storeFailed,
    },
  });
  expect(await outcome).toMatchObject({ state: 'done', leftover: upload.path });
  expect(sent).toHaveLength(1);
});

test('when the result can’t be verified because the console fails, it is unknown and not "nothing was changed"', async () => {
  const { outcome } = run({
    fleet: {
      readTenants: () => Promise.reject(new TypeError('a defect')),
    },
  });
  expect(await outcome).toMatchObject({
    state: 'unknown',
    code: 'INTERNAL',
    message: expect.stringContaining('The commands were sent to kiln, but their result was not verified.'),
  });
});

test('when another console locks the appliance during the upload, rejects with APPLIANCE_LOCKED before any command', async () => {
  const { sent, outcome } = run({
    lock: () => {
      throw new AppError('APPLIANCE_LOCKED', 'kiln is locked');
    },
  });
  await expect(outcome).rejects.toMatchObject({ code: 'APPLIANCE_LOCKED' });
  expect(sent).toEqual([]);
});

test('when a change rejects before its commands, the error says that nothing was changed', async () => {
  await expect(rejectUnchanged(() => Promise.resolve().then(storeFailed))).rejects.toMatchObject({
    code: 'STORE_FAILED',
    detail: { changedNothing: true },
  });
  const defect = new TypeError('a defect');
  await expect(rejectUnchanged(() => Promise.reject(defect))).rejects.toBe(defect);
});
