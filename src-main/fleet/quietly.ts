import { createMemo } from '../../src-shared/base/memo.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { isFreshAnswer } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { Snapshot } from './observations.ts';
import { clockSkewMs } from './view.ts';

/**
 * An appliance of which only times changed is passed on this often. Pages then show an age that is up to this much too
 * high, far below the age at which they stop showing green **[ours]**.
 */
const quietForMs = 8 * secondMs;

/** Everything in a status but its times. */
export function statusFacts({ uptimeSeconds: _uptime, clock, ...facts }: ApplianceStatus): unknown[] {
  return [...Object.values(facts), clock.ranBackFrom];
}

/** Everything in a link's state but the times of its pings. A first ping counts. */
export function linkFacts(link: LinkState): unknown[] {
  if (link.state !== 'connected') return [link];
  const { lastHeardAt: _heard, latencyMs, ...facts } = link;
  return [...Object.values(facts), latencyMs === null];
}

/** Everything in the answers of an appliance but their times. */
export function answerFacts(snapshot: Snapshot, link: LinkState, now: number): unknown[] {
  const { status, remoteNetworks, licence } = snapshot;
  const freshness = [remoteNetworks, licence, status].map(
    (one) => one !== undefined && isFreshAnswer(link, one.observedAt, now),
  );
  return [
    // The first answer over a new connection ends "no answer yet", although the appliance says the same as before.
    link.state === 'connected' ? link.since : link.state,
    clockSkewMs(status),
    remoteNetworks?.value,
    licence?.value,
    snapshot.statusFailure?.value,
    snapshot.remoteNetworksFailure?.value,
    snapshot.licenceFailure?.value,
    ...freshness,
    ...(status === undefined ? [] : statusFacts(status.value)),
  ];
}

/** Says of an appliance whether there is something to pass on: other facts than last time, or a while has passed. */
export function createQuiet(steadyClock: () => number) {
  const passedOn = createMemo<string, { at: number }>();
  return {
    isDue: (applianceId: string, facts: readonly unknown[]): boolean => {
      const now = steadyClock();
      const last = passedOn.get(applianceId, facts, () => ({ at: Number.NEGATIVE_INFINITY }));
      if (now - last.at < quietForMs) return false;
      last.at = now;
      return true;
    },
    forget: passedOn.forget,
  };
}
