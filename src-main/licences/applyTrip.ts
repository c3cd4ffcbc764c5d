import { AppError } from '../../src-shared/errors.ts';
import { createKeyedQueue } from '../../src-shared/base/keyedQueue.ts';
import { formatInstant, minuteMs } from '../../src-shared/base/time.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import type { Trip, TripView } from '../../src-shared/model/licence/trip.ts';
import type { Audit } from '../audit/audit.ts';
import type { Log } from '../base/log.ts';
import { licenceArgv } from '../../src-shared/model/licence/licenceArgv.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { withLinkNow, type LicenceLinks } from './licenceLinks.ts';
import { withLink } from '../links/withLink.ts';
import { isRunning } from '../tenants/isRunning.ts';
import { licenceAction, type ApplianceLicences } from './applianceLicences.ts';
import {
  applyAnswer,
  findInstalledAnswer,
  settleAnswer,
  type AppliedAppliance,
  type ApplyResult,
} from './applyAnswer.ts';
import { assertAnswerOpen } from './tripActions.ts';
import type { TripStore } from './tripStore.ts';
import type { TripViews } from './tripViews.ts';

/** Until this time, another console may still be applying the answer **[ours]**: an import ends within 45 s. */
const othersMayApplyMs = minuteMs;

type Ready = { entry: ApplianceEntry; view: TripView; licence: LicencePayload; document: string };

/** The steps of a trip that need the appliance: dry run, apply, and finding out what became of an apply. */
export function createTripApplier(options: {
  trips: TripStore;
  views: TripViews;
  licences: Pick<ApplianceLicences, 'recordRollback'>;
  inventory: Pick<Inventory, 'get' | 'assertUnlocked'>;
  links: LicenceLinks;
  fleet: Pick<Fleet, 'refreshLicences'>;
  audit: Pick<Audit, 'act'>;
  clock: () => number;
  operator: string;
  log: Pick<Log, 'error'>;
}) {
  const { trips, views, inventory, links, fleet, audit, clock, operator, log } = options;
  const queue = createKeyedQueue();
  const now = () => ({ at: new Date(clock()).toISOString(), by: operator });

  function applianceOf(entry: ApplianceEntry): AppliedAppliance {
    const { driver, session } = links.of(entry.id);
    return {
      driver,
      ready: (timeoutMs) => {
        if (session.state().state === 'retrying') session.want({ force: true });
        return session.ready(timeoutMs);
      },
      isRunning: (argv) => isRunning(session, argv),
      recordRollback: (sequence, run) => options.licences.recordRollback(entry, sequence, run),
    };
  }

  /** The accepted answer of a trip and its appliance. Throws INVALID_INPUT without one. */
  async function findReady(tripId: string): Promise<Ready> {
    const { verification, ...view } = await views.build(trips.get(tripId));
    const document = view.trip.answer?.text;
    if (document === undefined) throw new AppError('INVALID_INPUT', 'There is no answer yet.');
    if (verification?.accepted == null)
      throw new AppError(
        'VERIFICATION_FAILED',
        `The answer failed a check: ${view.checks.find(({ outcome }) => outcome === 'failed')?.detail ?? ''}`,
      );
    if (view.entryId === null)
      throw new AppError('NOT_FOUND', 'This console does not know the appliance. Add it first.');
    return { entry: inventory.get(view.entryId), view, licence: verification.accepted, document };
  }

  const record = (tripId: string, document: string, change: (trip: Trip) => Trip) =>
    trips.update(tripId, (trip) => {
      if (trip.answer?.text !== document)
        throw new AppError('CONFLICT', 'The answer was replaced in the meantime.');
      return change(trip);
    });

  async function dryRun(tripId: string): Promise<TripView> {
    const { entry, document, view } = await findReady(tripId);
    assertAnswerOpen(view.trip);
    const output = await withLink(links, entry, () =>
      links.of(entry.id).driver.licences.import({ document, isDryRun: true }),
    );
    return views.viewOf(record(tripId, document, (trip) => ({ ...trip, dryRun: { ...now(), output } })));
  }

  function store({ view, document }: Ready, result: ApplyResult): void {
    record(view.trip.id, document, (trip) => {
      if (result.outcome === 'applied')
        return { ...trip, applying: null, failure: null, applied: { ...now(), receipt: result.receipt } };
      const dryRun = result.outcome === 'refused' ? { ...now(), output: result.output } : trip.dryRun;
      return {
        ...trip,
        dryRun,
        applying: result.outcome === 'unknown' ? trip.applying : null,
        failure: { ...now(), ...describeFailure(result) },
      };
    });
  }

  /** Runs `apply` with an audit record, whose outcome tells what became of the answer. */
  async function applyRecorded(ready: Ready, apply: () => Promise<ApplyResult>): Promise<void> {
    const { licence, view, entry } = ready;
    const detail = `sequence ${licence.sequence}, until ${formatInstant(licence.expiresAt)}, answers request ${view.requestPayload.number}`;
    const action = licenceAction(entry, licenceArgv.import, detail);
    let result: ApplyResult | null = null;
    try {
      await audit.act({ event: 'licence.apply', ...action }, async () => {
        result = await apply();
        store(ready, result);
        if (result.outcome === 'applied') return;
        const { code, message } = describeFailure(result);
        throw new AppError(code, message);
      });
    } catch (thrown) {
      if (result === null) throw thrown;
    }
  }

  async function applyNow(tripId: string): Promise<TripView> {
    const ready = await findReady(tripId);
    const { entry, view, document, licence } = ready;
    assertAnswerOpen(view.trip);
    inventory.assertUnlocked(entry.id, 'licence');
    if (view.step !== 'apply')
      throw new AppError(
        'INVALID_INPUT',
        view.losses.some(({ acknowledged }) => acknowledged === null)
          ? 'A loss is not acknowledged yet. Nothing was changed.'
          : 'The appliance has not passed a dry run of this answer yet. Nothing was changed.',
      );
    await withLink(links, entry, () =>
      applyRecorded(ready, async () => {
        record(tripId, document, (trip) => {
          assertAnswerOpen(trip);
          return { ...trip, applying: now(), failure: null };
        });
        const request = view.requestPayload;
        try {
          return await applyAnswer(applianceOf(entry), { licence, request, document });
        } catch (thrown) {
          record(tripId, document, (trip) => ({ ...trip, applying: null }));
          throw thrown;
        }
      }),
    );
    void fleet.refreshLicences([entry.id]);
    return views.view(tripId);
  }

  async function settleNow(tripId: string): Promise<TripView> {
    const { trip } = trips.get(tripId);
    if (trip.applying === null) return views.view(tripId);
    const age = clock() - Date.parse(trip.applying.at);
    // With a failure, the console that sent the answer has given up waiting for its result.
    if (trip.failure === null && age >= 0 && age < othersMayApplyMs) return views.view(tripId);
    const ready = await findReady(tripId);
    const { entry, licence, view } = ready;
    await withLinkNow(links, entry, async () =>
      store(ready, await settleAnswer(applianceOf(entry), { licence, request: view.requestPayload })),
    );
    void fleet.refreshLicences([entry.id]);
    return views.view(tripId);
  }

  async function findInstalledNow(tripId: string): Promise<TripView> {
    const ready = await findReady(tripId);
    const { entry, licence, view } = ready;
    assertAnswerOpen(view.trip);
    const result = await withLink(links, entry, () =>
      findInstalledAnswer(applianceOf(entry), { licence, request: view.requestPayload }),
    );
    if (result !== null) store(ready, result);
    return views.view(tripId);
  }

  const settle = (tripId: string) => queue.take(tripId, () => settleNow(tripId));
  const stopFollowing = links.onChange((entryId, { state }) => {
    if (state !== 'connected') return;
    for (const stored of trips.list()) {
      if (stored.trip.applying === null || stored.trip.ended !== null) continue;
      if (views.findEntryId(stored) !== entryId) continue;
      const tripId = stored.trip.id;
      settle(tripId).catch((thrown: unknown) =>
        log.error({ err: thrown, tripId }, 'could not find out the result of a licence'),
      );
    }
  });

  return {
    dryRun: (tripId: string) => queue.take(tripId, () => dryRun(tripId)),
    /** Resolves with the trip's `failure` if the appliance refused, rolled back, or did not answer. */
    apply: (tripId: string) => queue.take(tripId, () => applyNow(tripId)),
    settle,
    /** Records the answer as applied if the appliance has it already, e.g. because another console applied it. */
    findInstalled: (tripId: string) => queue.take(tripId, () => findInstalledNow(tripId)),
    close: stopFollowing,
  };
}

function describeFailure(result: Exclude<ApplyResult, { outcome: 'applied' }>) {
  if (result.outcome !== 'refused') return result;
  const failed = result.output.checks.filter(({ outcome }) => outcome === 'failed');
  const refused = result.output.forecast.filter(({ outcome }) => outcome === 'refused');
  const reasons = [...failed, ...refused].map(({ detail }) => detail).join('; ');
  return {
    outcome: 'not-applied',
    code: 'VERIFICATION_FAILED',
    message: `The appliance refused the answer; nothing was changed: ${reasons}`.slice(0, 2048),
  } as const;
}
