import { randomUUID } from 'node:crypto';
import { uptime } from 'node:os';
import type { Appliance } from '../core/appliance.ts';
import { showLicence } from '../core/licence/licence.ts';
import { readStatus } from '../core/status.ts';
import { listTenants } from '../core/tenants/tenantList.ts';
import { splitAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import { findChange, type Parts } from '../../src-shared/model/watch/watchedParts.ts';
import {
  watchVersion,
  type Seen,
  type WatchLine,
  type WatchPosition,
} from '../../src-shared/model/watch/watchLines.ts';

/** Changes that are kept for consoles whose link was cut, by count and by characters **[ours]**. */
const maxKeptChanges = 512;
const maxKeptLength = 2 * 1024 * 1024;

/** `before`: when the revision before it was last known to hold. */
type KeptChange = { revision: number; line: string; before: SeenAt };

/** When something was seen. The line adds when it was written. */
type SeenAt = Omit<Seen, 'sentMs'>;
type Unsent<Line> = Line extends { seen: Seen } ? Omit<Line, 'seen'> & { seen: SeenAt } : never;

const toLine = (line: Unsent<WatchLine>) =>
  `${JSON.stringify({ ...line, seen: { ...line.seen, sentMs: performance.now() } })}\n`;

/** Free space changes with each line of a log. Only a change of this size is said **[ours]**. */
const spaceStep = 16 * 1024 * 1024;

const roundSpace = (bytes: number) => Math.floor(bytes / spaceStep) * spaceStep;

/** What was seen, and when the look began. */
export type Observed = { parts: Parts; seen: SeenAt };

/** Reads what a console shows of the appliance. */
export async function observeAppliance(appliance: Appliance): Promise<Observed> {
  const seen = readSeen();
  const [status, remoteNetworks, licence] = await Promise.all([
    readStatus(appliance),
    listTenants(appliance, null),
    showLicence(appliance),
  ]);
  const disks = status.disks.map((disk) => ({ ...disk, freeBytes: roundSpace(disk.freeBytes) }));
  return { seen, parts: splitAppliance({ status: { ...status, disks }, remoteNetworks, licence }) };
}

const readSeen = (): SeenAt => ({
  ms: performance.now(),
  now: new Date().toISOString(),
  uptimeSeconds: uptime(),
});

/** The appliance as it was seen last, with the last changes. Knows nothing of who watches. */
export function createObservedState(readTime: () => SeenAt = readSeen) {
  const epoch = randomUUID();
  let parts: Parts = new Map();
  let revision = 0;
  let seen = readTime();
  let kept: KeptChange[] = [];
  let keptLength = 0;

  function keep(change: KeptChange): void {
    kept.push(change);
    keptLength += change.line.length;
    while (kept.length > maxKeptChanges || keptLength > maxKeptLength) {
      const [oldest] = kept.splice(0, 1);
      keptLength -= oldest?.line.length ?? 0;
    }
  }

  return {
    /** Takes what was seen. Returns the line that says what changed, or null. */
    see: (next: Observed): string | null => {
      const before = seen;
      seen = next.seen;
      const change = findChange(parts, next.parts);
      if (change === null) return null;
      parts = next.parts;
      revision += 1;
      const line = toLine({ type: 'change', revision, seen, ...change });
      keep({ revision, line, before });
      return line;
    },
    snapshotLine: (): string =>
      toLine({
        type: 'snapshot',
        version: watchVersion,
        epoch,
        revision,
        seen,
        parts: Object.fromEntries(parts.entries()),
      }),
    /** The lines since a position, or null if they are no longer known. */
    linesSince: (position: WatchPosition): string[] | null => {
      if (position.epoch !== epoch || position.revision > revision) return null;
      const missing = kept.filter((change) => change.revision > position.revision);
      if (missing.length !== revision - position.revision) return null;
      const resumed = toLine({
        type: 'resumed',
        version: watchVersion,
        epoch,
        revision: position.revision,
        // What the console knows held only until the first change that it missed.
        seen: missing[0]?.before ?? seen,
      });
      if (missing.length === 0) return [resumed];
      return [resumed, ...missing.map(({ line }) => line), toLine({ type: 'alive', revision, seen })];
    },
    /** Says that what was seen last still holds, or that it is not known yet whether it does since a sign of a change. */
    aliveLine: (isSure: boolean): string => {
      if (isSure) seen = readTime();
      return toLine({ type: 'alive', revision, seen });
    },
    hasSeen: () => revision > 0,
  };
}

export type ObservedState = ReturnType<typeof createObservedState>;
