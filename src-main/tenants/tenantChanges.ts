import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { formatRanges } from '../../src-shared/model/tenants/ports.ts';
import type { RemoteNetworks, Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction, TenantOutcome, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';
import { tenantCommandArgv } from '../driver/tenantCommands.ts';
import type { Audit } from '../audit/audit.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../links/links.ts';
import { linkError } from '../ssh/session/linkError.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import type { Store } from '../store/store.ts';
import {
  commandsAsRun,
  isRefusal,
  notStarted,
  runCommands,
  settle,
  type CommandResult,
} from './applyChange.ts';
import { conflictOf } from './conflict.ts';
import { isRunning } from './isRunning.ts';
import { assertNameTyped, preparePlan, tenantOf, type Prepared } from './plan.ts';
import type { PlanContext } from './planWarnings.ts';
import { createQuotaMemory } from './quotaMemory.ts';
import { createTemporaryFiles } from './temporaryFiles.ts';
import { createKeyedQueue } from '../../src-shared/base/keyedQueue.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const connectTimeoutMs = 20 * secondMs;
/** Sights of tenants that plans rest on, kept to tell what changed since. */
const maxSights = 500;

/** What operators do to tenants: planned first, audited, and known to be done or not done afterwards. */
export type TenantChanges = {
  /** `tenants.plan` of the contract. */
  plan: (request: { applianceId: string; action: TenantAction }) => Promise<TenantPlan>;
  /** `tenants.apply` of the contract. */
  apply: (request: {
    applianceId: string;
    action: TenantAction;
    basis: string | null;
    reason: string;
    typedName: string | null;
  }) => Promise<TenantOutcome>;
  /** `tenants.addMany` of the contract. */
  addMany: (request: {
    applianceId: string;
    reason: string;
    rows: readonly { clientId: string; publicKey: string; quota: number | null }[];
    signal: AbortSignal;
  }) => AsyncGenerator<{ index: number; clientId: string; outcome: TenantOutcome }, void, void>;
  /** The last quota above 0 that this console saw; null where it saw none. */
  quotaBefore: (applianceId: string, clientId: string) => number | null;
  close: () => void;
};

type Listed = { networks: RemoteNetworks; observedAt: string };
/**
 * `unplanned`: nobody looked at a plan before, so there is nothing that could have changed since; and who asks for it sees
 * to it that the fleet is asked again.
 */
type Apply = Parameters<TenantChanges['apply']>[0] & { unplanned?: boolean };

const sightKey = (applianceId: string, clientId: string, changedAt: string) =>
  `${applianceId} ${clientId} ${changedAt}`;

function about(entry: ApplianceEntry, action: TenantAction, reason: string) {
  return {
    event: `tenant.${action.kind}` as const,
    object: `${entry.name}/${action.clientId}`,
    destination: hopNameOf(entry.target),
    reason,
  };
}

export function createTenantChanges(options: {
  inventory: Inventory;
  links: Links;
  fleet: Fleet;
  audit: Audit;
  store: Store;
  clock: () => number;
  log: Log;
}): TenantChanges {
  const { inventory, links, fleet, audit, store, clock, log } = options;
  const quotas = createQuotaMemory({ store, clock });
  const leftovers = createTemporaryFiles({ store, links, clock, log });
  const turns = createKeyedQueue();
  const sights = new Map<string, Tenant>();

  const stopObserving = fleet.onObserved((applianceId) => {
    try {
      quotas.note(applianceId, fleet.networks(applianceId));
    } catch (thrown) {
      log.error({ err: thrown, applianceId }, 'quotas not remembered');
    }
  });

  function rememberSight(applianceId: string, tenant: Tenant): void {
    const key = sightKey(applianceId, tenant.clientId, tenant.changedAt);
    sights.delete(key);
    // What no comparison looks at may be large.
    sights.set(key, { ...tenant, sessions: [], forwards: [], unplaced: [] });
    const [oldest] = sights.keys();
    if (sights.size > maxSights && oldest !== undefined) sights.delete(oldest);
  }

  /** Keeps the link up for `work`. Rejects with why it can't be had. */
  async function withLink<Result>(entry: ApplianceEntry, work: () => Promise<Result>): Promise<Result> {
    const release = links.hold([entry.id]);
    try {
      const state = await links.settled(entry.id, connectTimeoutMs);
      if (state.state === 'idle')
        throw new AppError('LINK_NOT_READY', `${entry.name} is disconnected; connect it first.`);
      const error = linkError(entry, state);
      if (error !== null) throw error;
      return await work();
    } finally {
      release();
    }
  }

  async function listNow(entry: ApplianceEntry): Promise<Listed> {
    const networks = await links.of(entry.id).driver.remoteNetworks();
    return { networks, observedAt: new Date(clock()).toISOString() };
  }

  function planContextOf(entry: ApplianceEntry): PlanContext {
    const members = inventory.list().filter((one) => one.cluster === entry.cluster && one.id !== entry.id);
    return {
      applianceName: entry.name,
      now: clock(),
      licence: fleet.known(entry.id).licence?.value ?? null,
      cluster:
        entry.cluster === ''
          ? null
          : { name: entry.cluster, others: members.map((one) => one.name).toSorted() },
      keyElsewhere: (fingerprint) =>
        inventory
          .list()
          .filter((one) => one.id !== entry.id)
          .flatMap((one) =>
            fleet
              .networks(one.id)
              .filter((tenant) => tenant.keys.some((key) => key.fingerprint === fingerprint))
              .map((tenant) => ({ applianceName: one.name, clientId: tenant.clientId })),
          ),
    };
  }

  function prepare(entry: ApplianceEntry, action: TenantAction, listed: Listed): Prepared {
    return preparePlan({ entry, action, ...listed, planContext: planContextOf(entry) });
  }

  /** What was refused before anything was sent is recorded, too: somebody tried. */
  async function recordingRefusal<Result>(
    action: ReturnType<typeof about>,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof AppError)
        audit.event({ ...action, result: 'failed', errorCode: thrown.code, detail: thrown.message });
      throw thrown;
    }
  }

  /** The check that comes before anything is sent; null where nothing stands in the way. */
  async function check(entry: ApplianceEntry, request: Apply): Promise<Prepared> {
    const { action, basis } = request;
    const listed = await listNow(entry);
    inventory.assertUnlocked(entry.id);
    const now = tenantOf(listed.networks, action.clientId);
    const seen = basis === null ? null : sights.get(sightKey(entry.id, action.clientId, basis));
    const conflict = conflictOf({ clientId: action.clientId, basis, seen: seen ?? null, now });
    if (conflict !== null && request.unplanned !== true) throw conflict;
    if (now !== null && request.unplanned === true)
      throw new AppError(
        'ALREADY_EXISTS',
        `${action.clientId} is there already; leave it out, or add a key to it on its own.`,
      );
    if (now !== null) rememberSight(entry.id, now);
    // All of them: who is not on the list is forgotten.
    quotas.note(entry.id, listed.networks.tenants);
    return prepare(entry, action, listed);
  }

  /** A refusal may have come because somebody was faster than our own check. */
  async function explainRefusal(
    entry: ApplianceEntry,
    prepared: Prepared,
    failure: AppError,
  ): Promise<AppError> {
    const { clientId } = prepared.plan.action;
    const listed = await listNow(entry).catch(() => null);
    if (listed === null) return failure;
    const now = tenantOf(listed.networks, clientId);
    return conflictOf({ clientId, basis: prepared.plan.basis, seen: prepared.before, now }) ?? failure;
  }

  /** Uploads, runs, removes. Resolves with how the commands went; rejects where the appliance took no upload. */
  async function runWithUpload(
    entry: ApplianceEntry,
    prepared: Prepared,
    upload: { path: string; content: Buffer } | null,
  ): Promise<CommandResult> {
    const run = () =>
      runCommands({
        driver: links.of(entry.id).driver,
        commands: prepared.commands,
        uploadedPath: upload?.path ?? null,
      });
    if (upload === null) return run();
    try {
      return await leftovers.withFile({ applianceId: entry.id, ...upload }, run);
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'LINK_LOST') return notStarted(thrown);
      throw thrown;
    }
  }

  async function uploadOf(
    entry: ApplianceEntry,
    { key }: Prepared,
  ): Promise<{ path: string; content: Buffer } | null> {
    if (key === null) return null;
    // Without the comment: what somebody wrote there has no business on the appliance.
    const content = Buffer.from(`${key.type} ${key.blob}\n`);
    return { path: await leftovers.newPath(entry.id, '.pub'), content };
  }

  async function change(entry: ApplianceEntry, request: Apply): Promise<TenantOutcome> {
    const { action, reason } = request;
    const what = about(entry, action, reason);
    const { prepared, upload } = await recordingRefusal(what, async () => {
      const checked = await check(entry, request);
      assertNameTyped(checked.plan, request.typedName);
      return { prepared: checked, upload: await uploadOf(entry, checked) };
    });
    let outcome: TenantOutcome | null = null;
    const record = {
      ...what,
      command: commandText(prepared, upload?.path ?? null),
      detail: detailOf(prepared),
    };
    const work = async () => {
      const ran = await runWithUpload(entry, prepared, upload);
      if (ran.failure !== null && ran.completed === 0 && isRefusal(ran.failure))
        throw await explainRefusal(entry, prepared, ran.failure);
      outcome = await settle({
        appliance: {
          driver: () => links.of(entry.id).driver,
          ready: (timeoutMs) => {
            const { session } = links.of(entry.id);
            // Somebody waits for the outcome: not for the whole pause between two attempts.
            if (session.state().state === 'retrying') session.want({ force: true });
            return session.ready(timeoutMs);
          },
          isRunning: (argv) => isRunning(links.of(entry.id).session, argv),
        },
        prepared,
        ran,
        leftover: async () => {
          if (upload === null) return null;
          await leftovers.sweep(entry.id);
          return leftovers.isLeft(entry.id, upload.path) ? upload.path : null;
        },
        clock,
      });
      if (outcome.state !== 'done') throw new AppError(outcome.code ?? 'LINK_LOST', outcome.message);
      return outcome;
    };
    try {
      return await audit.act(record, work);
    } catch (thrown) {
      // What came out of it is known and must not be lost, a private key least of all.
      if (outcome === null) throw thrown;
      return outcome;
    }
  }

  async function apply(request: Apply): Promise<TenantOutcome> {
    const entry = inventory.get(request.applianceId);
    const { clientId, kind } = request.action;
    return turns.take(`${entry.id} ${clientId}`, async () => {
      await recordingRefusal(about(entry, request.action, request.reason), async () =>
        inventory.assertUnlocked(entry.id),
      );
      return withLink(entry, async () => {
        const outcome = await change(entry, request);
        if (request.unplanned !== true) await fleet.refresh([entry.id]);
        // Not before: a list that was asked for earlier may still come in and be noted.
        if (outcome.state === 'done' && kind === 'remove') quotas.forget(entry.id, clientId);
        return outcome;
      });
    });
  }

  return {
    plan: async ({ applianceId, action }) => {
      const entry = inventory.get(applianceId);
      return withLink(entry, async () => {
        const { plan, before } = prepare(entry, action, await listNow(entry));
        if (before !== null) rememberSight(entry.id, before);
        return plan;
      });
    },
    apply: ({ applianceId, action, basis, reason, typedName }) =>
      apply({ applianceId, action, basis, reason, typedName }),
    addMany: async function* addMany({ applianceId, reason, rows, signal }) {
      let hasAnswered = false;
      try {
        for (const [index, row] of rows.entries()) {
          if (signal.aborted) return;
          const { clientId, publicKey, quota } = row;
          const key = { from: 'given', publicKey } as const;
          const action = { kind: 'add', clientId, key, quota } as const;
          const request = { applianceId, action, basis: null, reason, typedName: null, unplanned: true };
          const outcome = await apply(request).catch(refusedOutcome);
          hasAnswered ||= outcome.observedAt !== null;
          yield { index, clientId, outcome };
          if (outcome.state !== 'done') return;
        }
      } finally {
        // Once for all rows: each has looked at the appliance itself.
        if (hasAnswered) await fleet.refresh([applianceId]);
      }
    },
    quotaBefore: quotas.of,
    close: () => {
      stopObserving();
      leftovers.close();
    },
  };
}

function commandText(prepared: Prepared, path: string | null): string {
  return commandsAsRun(prepared.commands, path)
    .map((command) => quoteArgv(tenantCommandArgv(command)))
    .join(' ; ');
}

/** For the audit trail; fingerprints and numbers only. */
function detailOf(prepared: Prepared): string {
  const { plan, key } = prepared;
  const { before, after, ends, givesUp } = plan;
  return [
    before === null || after === null || before.quota === after.quota
      ? null
      : `quota ${before.quota} to ${after.quota}`,
    key === null ? null : `key ${key.fingerprint}`,
    plan.printsPrivateKey ? 'key made by the appliance' : null,
    givesUp.length === 0 ? null : `gives up ports ${formatRanges(givesUp)}`,
    ends.length === 0
      ? null
      : `ends ${ends.map((one) => (one.port === null ? 'a session' : `port ${one.port}`)).join(', ')}`,
  ]
    .flatMap((part) => part ?? [])
    .join('; ');
}

function refusedOutcome(thrown: unknown): TenantOutcome {
  if (!(thrown instanceof AppError)) throw thrown;
  return {
    state: 'not-done',
    code: thrown.code,
    message: thrown.message,
    tenant: null,
    observedAt: null,
    endedSessions: null,
    fingerprint: null,
    privateKey: null,
    leftover: null,
  };
}
