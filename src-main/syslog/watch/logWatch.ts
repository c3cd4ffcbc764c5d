import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import { quoteText, shorten, visibleLine } from '../../../src-shared/base/machineText.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { hourMs, secondMs } from '../../../src-shared/base/time.ts';
import type { LogAlert } from '../../../src-shared/model/notifications/evaluateNotifications.ts';
import { decodeLogBytes } from '../../../src-shared/model/syslog/logBytes.ts';
import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { createTenantJoin } from '../../../src-shared/model/syslog/tenantJoin/tenantJoin.ts';
import {
  createWatches,
  type WatchAlert,
  type WatchedLine,
} from '../../../src-shared/model/syslog/watch/watchLines.ts';
import {
  compileWatchQuery,
  watchRuleSchema,
  type WatchRule,
} from '../../../src-shared/model/syslog/watch/watchRule.ts';
import { raisedAlertSchema, type RaisedAlert } from '../../../src-shared/model/syslog/watch/raisedAlert.ts';
import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Log } from '../../base/log.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { createSetting } from '../../store/settings.ts';
import type { Store } from '../../store/store.ts';
import type { LogBatch } from '../follow/logSource.ts';
import { followFleet } from '../followFleet.ts';
import type { KeptLogs } from '../kept/keptLogs.ts';

/** Older lines raise no alert: they come from the past of a log that is read for the first time **[ours]**. */
const maxLineAgeMs = hourMs;
const maxRules = 100;

const rulesSchema = z.strictObject({ rules: z.array(watchRuleSchema).max(maxRules).default([]) });
/** What each rule raised last, by the rule's ID. */
const lastSchema = z.strictObject({ alerts: z.record(z.string(), raisedAlertSchema).default({}) });
const noLocks = { values: {}, assertKept: () => undefined };

type Line = { text: string };
type Active = LogAlert & { until: number };

const isNewLine = (byte: number) => byte === 0x0a;

/** The lines of a batch, as text. */
function* linesOf(bytes: Uint8Array): Generator<string, void, void> {
  for (let from = 0; from < bytes.length;) {
    const found = bytes.subarray(from).findIndex(isNewLine);
    const end = found === -1 ? bytes.length : from + found;
    yield decodeLogBytes(bytes.subarray(from, end));
    from = end + 1;
  }
}

function textOf({ rule, group, count, from, to, last, missed, dropped }: WatchAlert<Line>): string {
  const seconds = Math.max(1, Math.ceil((to - from) / secondMs));
  const lines = `${count} ${count === 1 ? 'line' : `lines within ${seconds} s`}`;
  const more = missed + dropped === 0 ? '' : `, and ${missed + dropped} before that raised nothing`;
  const about = group === null ? '' : ` (${group})`;
  return `${quoteText(rule.name)}${about}: ${lines}${more}. Last: ${shorten(visibleLine(last.text), 200)}`;
}

/** Watches kept lines by the rules of users, and raises alerts. */
export function createLogWatch(options: {
  store: Store;
  inventory: Pick<Inventory, 'list' | 'onChange'>;
  audit: Pick<Audit, 'act'>;
  keptLogs: Pick<KeptLogs, 'keep' | 'onKept'>;
  tenantsOf: (applianceId: string) => readonly Tenant[];
  clock: () => number;
  log: Log;
}) {
  const { store, inventory, keptLogs, clock } = options;
  const setting = createSetting({ store, key: 'logWatch', schema: rulesSchema, locks: noLocks });
  const lastSetting = createSetting({ store, key: 'logWatchLast', schema: lastSchema, locks: noLocks });
  const active = new Map<string, Active>();
  const changes = createEmitter();
  const joins = new Map<string, ReturnType<typeof createTenantJoin>>();
  let watches = createWatches<Line>(setting.get().rules, clock);
  let hasRules = setting.get().rules.some(({ isEnabled }) => isEnabled);

  function reload(): void {
    const { rules } = setting.get();
    hasRules = rules.some(({ isEnabled }) => isEnabled);
    watches = createWatches<Line>(rules, clock);
    changes.emit();
  }
  function joinOf(applianceId: string) {
    const tenants = options.tenantsOf(applianceId).map(({ clientId, ports, keys }) => ({
      clientId,
      ports,
      fingerprints: keys.map(({ fingerprint }) => fingerprint),
    }));
    const join = joins.get(applianceId) ?? createTenantJoin(tenants);
    joins.set(applianceId, join);
    join.setTenants(tenants);
    return join;
  }
  function raise(line: WatchedLine<Line>): void {
    for (const alert of watches.add(line)) {
      const rule = setting.get().rules.find(({ id }) => id === alert.rule.id);
      const until = clock() + (rule?.quietSeconds ?? 60) * secondMs;
      const id = `${alert.rule.id} ${alert.group ?? ''}`;
      const clientId = rule?.groupBy === 'tenant' ? (alert.group ?? '') : '';
      const text = textOf(alert);
      active.set(id, { id, applianceId: line.applianceId, clientId, text, until });
      noteLast(alert.rule.id, { at: clock(), applianceId: line.applianceId, text });
    }
  }
  /** A rule that was removed has no last alert any more. */
  function noteLast(ruleId: string, alert: RaisedAlert): void {
    const ids = new Set(setting.get().rules.map(({ id }) => id));
    store.write(() => {
      const known = Object.entries(lastSetting.get().alerts).filter(([id]) => ids.has(id));
      lastSetting.set({ alerts: { ...Object.fromEntries(known), [ruleId]: alert } });
    });
  }
  function watch({ applianceId, bytes, receivedAt, zoneOffsetMinutes, skewMs }: LogBatch): void {
    const appliance = inventory.list().find(({ id }) => id === applianceId)?.name;
    if (!hasRules || appliance === undefined) return;
    const join = joinOf(applianceId);
    for (const text of linesOf(bytes)) {
      const parsed = parseSyslogLine(text, { receivedAt, zoneOffsetMinutes: zoneOffsetMinutes ?? 0 });
      const at = parsed.time === null ? receivedAt : Date.parse(parsed.time) - (skewMs ?? 0);
      const { tenants, ports } = join.add(parsed);
      if (clock() - at > maxLineAgeMs) continue;
      const times = { receivedAt: new Date(receivedAt).toISOString(), at };
      raise({ ...parsed, ...times, applianceId, appliance, tenants, ports, ref: { text } });
    }
  }
  const stopListening = keptLogs.onKept((batch) => {
    try {
      watch(batch);
    } catch (thrown) {
      options.log.error({ err: thrown }, 'could not watch kept log lines');
    }
  });
  const stopForeign = store.onForeignChange(reload);

  async function save(rules: WatchRule[], object: string, detail: string): Promise<void> {
    await options.audit.act({ event: 'syslog.watch', object, detail }, () => setting.set({ rules }));
    reload();
  }

  /** Throws NOT_FOUND. */
  function assertRule(name: string): void {
    if (!setting.get().rules.some((rule) => rule.name === name))
      throw new AppError('NOT_FOUND', `There is no rule named ${quoteText(name)}.`);
  }

  return {
    rules: (): readonly WatchRule[] => setting.get().rules,
    /** The rules, each with what it raised last. */
    rulesWithLast: (): (WatchRule & { last: RaisedAlert | null })[] => {
      const { alerts } = lastSetting.get();
      return setting.get().rules.map((rule) => ({ ...rule, last: alerts[rule.id] ?? null }));
    },
    /** Throws INVALID_INPUT, or ALREADY_EXISTS for a name that is taken. */
    add: async (fields: Omit<WatchRule, 'id'>): Promise<WatchRule> => {
      const { rules } = setting.get();
      const rule = parseInput(watchRuleSchema, { id: randomUUID(), ...fields });
      compileWatchQuery(rule);
      if (rules.some(({ name }) => name === rule.name))
        throw new AppError('ALREADY_EXISTS', `There is a rule named ${quoteText(rule.name)} already.`);
      if (rules.length >= maxRules) throw new AppError('INVALID_INPUT', `There can be ${maxRules} rules.`);
      await save([...rules, rule], rule.name, `added: ${rule.query}`);
      return rule;
    },
    /** Throws NOT_FOUND. */
    remove: async (name: string): Promise<void> => {
      assertRule(name);
      const rest = setting.get().rules.filter((rule) => rule.name !== name);
      await save(rest, name, 'removed');
    },
    /** A rule that is switched off is kept and raises nothing. Throws NOT_FOUND. */
    setEnabled: async (name: string, isEnabled: boolean): Promise<void> => {
      assertRule(name);
      const rules = setting.get().rules.map((rule) => (rule.name === name ? { ...rule, isEnabled } : rule));
      await save(rules, name, isEnabled ? 'switched on' : 'switched off');
    },
    /** The alerts that last now. */
    alerts: (): LogAlert[] => {
      const now = clock();
      for (const [id, { until }] of active) if (until <= now) active.delete(id);
      return [...active.values()].map(({ until: _until, ...alert }) => alert);
    },
    /** Keeps the logs that rules watch until the returned function is called. Without rules, keeps none. */
    hold: (): (() => void) =>
      followFleet({
        applianceIds: () => (hasRules ? inventory.list().map(({ id }) => id) : []),
        onChange: (listener) => {
          const stops = [inventory.onChange(listener), changes.on(listener)];
          return () => {
            for (const stop of stops) stop();
          };
        },
        limit: Infinity,
        follow: (applianceId) => {
          const release = keptLogs.keep(applianceId);
          return () => void release();
        },
      }),
    close: (): void => {
      stopListening();
      stopForeign();
    },
  };
}
