import { defaultLinkSettings } from '../../src-shared/model/appliance/linkSettings.ts';
import { findPolicyNotice, type Policy, type PolicyNotice } from '../../src-shared/model/policy/policy.ts';
import type { VaultState } from '../../src-shared/model/secrets/vault.ts';
import { ORPCError, type ClientContext, type ClientLink } from '@orpc/client';
import type { ErrorCode } from '../../src-shared/errorCodes.ts';
import { createConnection, type Connection } from '../../src-renderer/rpc/connection.ts';

export type Call = { procedure: string; input: unknown };
type Answers = Record<string, (input: unknown) => unknown>;

/** Rejects a call with an error, as the console does. */
export function throwAppError(code: ErrorCode, message: string, detail: Record<string, unknown> = {}): never {
  throw new ORPCError(code, { message, data: { retryable: false, detail } });
}

/** A stream without events that stays open until the reader leaves. */
function createEndlessStream(signal: AbortSignal | undefined): AsyncIterableIterator<never, undefined> {
  const stream: AsyncIterableIterator<never, undefined> = {
    [Symbol.asyncIterator]: () => stream,
    next: () =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true });
      }),
  };
  return stream;
}

/** What the console says about itself. By default, the page runs in a browser, and its user is admin. */
export function sampleAbout(changes: Record<string, unknown> = {}) {
  const about = { version: '0.1.0', host: 'web', operator: 'm.ivers', role: 'admin' };
  return { ...about, lab: false, labAuthority: null, canOpenTerminal: false, ...changes };
}

/** The policy of a computer without a policy file. */
export function samplePolicy(changes: Partial<Policy> = {}): Policy & { notice: PolicyNotice | null } {
  const policy: Policy = {
    path: '/etc/sallyport/policy.yaml',
    state: 'absent',
    connectedWindow: 'allowed',
    locks: [],
    problems: [],
    warnings: [],
    readAt: '2026-11-20T09:00:00.000Z',
    ...changes,
  };
  return { ...policy, notice: findPolicyNotice(policy) };
}

/** The vault of a console on which none was created. */
export function sampleVault(changes: Partial<VaultState> = {}): VaultState {
  return {
    condition: 'absent',
    protection: null,
    problem: null,
    locksAt: null,
    waiting: 0,
    keyStoreProblem: 'Only the desktop program can use the key store of the operating system.',
    ...changes,
  };
}

/** Stands in for the console in tests of the page. Answers calls by their procedure and records them. */
export function createFakeConsole(answers: Answers): { connection: Connection; calls: Call[] } {
  const calls: Call[] = [];
  const usual: Answers = {
    'fleet.overview': () => ({ appliances: [] }),
    'tenants.list': () => ({ tenants: [] }),
    'ports.list': () => ({ rows: [] }),
    'ports.capacity': () => ({ appliances: [] }),
    'notifications.list': () => ({ notifications: [], unseen: 0 }),
    'appliances.linkLimits': () => ({ limits: defaultLinkSettings, taken: 0, waiting: 0 }),
    'notifications.targets': () => ({ targets: [], isRunning: false }),
    'appliances.prompts': () => ({ prompts: [] }),
    'licences.trips': () => ({ trips: [] }),
    'connectedWindow.listOpen': () => ({ windows: [] }),
    'audit.actions': () => ({ actions: [], count: 0, head: null }),
    'tenants.note': () => ({ note: null }),
    'tenants.groupKeys': () => ({ groupKeys: [] }),
    'tenants.customerSender': () => ({ sender: { name: '', signature: '' } }),
    'secrets.vault': () => ({ vault: sampleVault() }),
    'secrets.credentials': () => ({ credentials: [] }),
    'secrets.settings': () => ({ settings: { lockMinutes: 15 } }),
    'system.about': () => sampleAbout(),
    'system.policy': () => samplePolicy(),
    ...answers,
  };
  const link: ClientLink<ClientContext> = {
    call: (path, input, options) => {
      const procedure = path.join('.');
      calls.push({ procedure, input });
      const answer = usual[procedure];
      if (answer === undefined && (procedure === 'fleet.watch' || procedure === 'syslog.tail'))
        return Promise.resolve(createEndlessStream(options.signal));
      return answer === undefined
        ? Promise.reject(new Error(`no answer prepared for ${procedure}`))
        : Promise.resolve().then(() => answer(input));
    },
  };
  const connection = createConnection(() => Promise.resolve({ link, closed: new Promise(() => undefined) }));
  return { connection, calls };
}
