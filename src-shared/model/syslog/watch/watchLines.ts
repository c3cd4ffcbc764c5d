import { createBoundedMap } from '../../../base/boundedMap.ts';
import { minuteMs, secondMs } from '../../../base/time.ts';
import type { QueryableLine } from '../query/matchLine.ts';
import { compileWatchQuery, type WatchRule } from './watchRule.ts';

/** Groups of a rule that are remembered at once **[ours]**. */
const maxGroups = 2000;
/** Alerts of all rules together in a minute; further ones are counted and dropped **[ours]**. */
export const maxAlertsPerMinute = 20;

/** A line to watch. `at`: epoch milliseconds by the console's clock. `ref` names the line for the alert. */
export type WatchedLine<Ref> = QueryableLine & { applianceId: string; at: number; ref: Ref };

/**
 * `count` lines between `from` and `to` (epoch milliseconds) reached the threshold. `missed`: lines that fitted since the alert
 * before and are in no alert. `dropped`: alerts of any rule that were dropped since then.
 */
export type WatchAlert<Ref> = {
  rule: Pick<WatchRule, 'id' | 'name'>;
  group: string | null;
  count: number;
  from: number;
  to: number;
  first: Ref;
  last: Ref;
  missed: number;
  dropped: number;
};

type Hit<Ref> = { at: number; ref: Ref };
type Group<Ref> = { hits: Hit<Ref>[]; alertedAt: number | null; missed: number };

/** Keeps the newest hits, by time, that can still be in one window; lines may arrive out of order. */
function insertHit<Ref>(
  hits: Hit<Ref>[],
  hit: Hit<Ref>,
  { threshold, windowMs }: { threshold: number; windowMs: number },
): void {
  let index = hits.length;
  while (index > 0 && (hits[index - 1]?.at ?? 0) > hit.at) index -= 1;
  hits.splice(index, 0, hit);
  const newest = hits.at(-1)?.at ?? hit.at;
  const firstKept = hits.findIndex(({ at }) => newest - at <= windowMs);
  hits.splice(0, Math.max(firstKept, hits.length - threshold));
}

function createWatch<Ref>(rule: WatchRule) {
  const isMatch = compileWatchQuery(rule);
  const window = { threshold: rule.threshold, windowMs: rule.windowSeconds * secondMs };
  const appliances = rule.applianceIds === null ? null : new Set(rule.applianceIds);
  const groups = createBoundedMap<string, Group<Ref>>(maxGroups);

  function groupsOf(line: WatchedLine<Ref>): readonly string[] {
    if (rule.groupBy === 'tenant') return line.tenants;
    return [rule.groupBy === 'appliance' ? line.appliance : ''];
  }

  function count(name: string, line: WatchedLine<Ref>, now: number): Omit<WatchAlert<Ref>, 'dropped'> | null {
    const group = groups.get(name) ?? { hits: [], alertedAt: null, missed: 0 };
    groups.set(name, group);
    insertHit(group.hits, { at: line.at, ref: line.ref }, window);
    const [first] = group.hits;
    const last = group.hits.at(-1);
    // A clock that was set back must not silence a rule for good.
    const sinceAlert = group.alertedAt === null ? Infinity : Math.abs(now - group.alertedAt);
    const isQuiet = sinceAlert < rule.quietSeconds * secondMs;
    if (isQuiet) group.missed += 1;
    if (isQuiet || group.hits.length < rule.threshold || first === undefined || last === undefined)
      return null;
    const { missed } = group;
    group.alertedAt = now;
    group.missed = 0;
    group.hits = [];
    return {
      rule: { id: rule.id, name: rule.name },
      group: name === '' ? null : name,
      count: rule.threshold,
      from: first.at,
      to: last.at,
      first: first.ref,
      last: last.ref,
      missed,
    };
  }

  return {
    add: (line: WatchedLine<Ref>, now: number): Omit<WatchAlert<Ref>, 'dropped'>[] => {
      if (appliances?.has(line.applianceId) === false || !isMatch(line)) return [];
      return groupsOf(line).flatMap((name) => count(name, line, now) ?? []);
    },
  };
}

/**
 * Watches new lines by all enabled rules. Memory is bounded by the thresholds, and the number of alerts by each rule's quiet
 * time and by `maxAlertsPerMinute`. Throws INVALID_INPUT for a rule whose query is not valid.
 */
export function createWatches<Ref>(rules: readonly WatchRule[], clock: () => number) {
  const watches = rules.filter(({ isEnabled }) => isEnabled).map((rule) => createWatch<Ref>(rule));
  let minute = 0;
  let raised = 0;
  let dropped = 0;

  function limit(alert: Omit<WatchAlert<Ref>, 'dropped'>, now: number): WatchAlert<Ref>[] {
    const current = Math.floor(now / minuteMs);
    if (current !== minute) [minute, raised] = [current, 0];
    if (raised >= maxAlertsPerMinute) {
      dropped += 1;
      return [];
    }
    raised += 1;
    const sent = { ...alert, dropped };
    dropped = 0;
    return [sent];
  }

  return {
    /** The alerts that a line raises. */
    add: (line: WatchedLine<Ref>): WatchAlert<Ref>[] => {
      const now = clock();
      return watches.flatMap((watch) => watch.add(line, now)).flatMap((alert) => limit(alert, now));
    },
  };
}
