import type { AuditRecord } from '../../src-shared/model/audit/audit.ts';

/** Tables, with camel-case names for SQL's snake-case ones. Instants are ISO 8601 text; `…Json` columns hold JSON. */
type ApplianceTable = {
  id: string;
  name: string;
  entryJson: string;
  createdAt: string;
};

type HostKeyTable = {
  host: string;
  port: number;
  type: string;
  fingerprint: string;
  pinnedAt: string;
  pinnedBy: string;
};

/** The last value of each kind that an appliance returned. */
type ObservationTable = {
  applianceId: string;
  kind: string;
  observedAt: string;
  valueJson: string;
};

/** One row with the length and the last hash of the trail, which reveals a shortened trail. */
type AuditHeadTable = { id: number; count: number; head: string };

type SettingTable = { key: string; valueJson: string };

type TenantQuotaTable = { applianceId: string; clientId: string; quota: number; seenAt: string };
type RemoteLeftoverTable = { applianceId: string; path: string; madeAt: string };

type TenantNoteTable = {
  applianceId: string;
  clientId: string;
  noteJson: string;
  changedAt: string;
  changedBy: string;
};

type ProbeTable = { applianceId: string; port: number; at: string; valueJson: string };

export type TunnelChangeTable = {
  applianceId: string;
  clientId: string;
  /** 0 for a tenant without a forward. */
  port: number;
  atMs: number;
  tone: string;
  code: string;
  reason: string;
  /** 1 if the tunnel was up until then. */
  dropped: number;
};
type TunnelLatencyTable = {
  applianceId: string;
  clientId: string;
  port: number;
  quarterMs: number;
  slowestMs: number;
};
/** `hoursJson` lists `[hour in epoch ms, median, slowest]` of each hour of the day. */
type TunnelLatencyDayTable = {
  applianceId: string;
  clientId: string;
  port: number;
  dayMs: number;
  hoursJson: string;
};
/** A period in which one console watched one appliance, from the first to the last answer. */
type WatchSpanTable = { id: string; applianceId: string; fromMs: number; toMs: number };

type NotificationTable = {
  id: string;
  /** Identifies it, so that it is not raised twice. */
  subject: string;
  applianceId: string;
  clientId: string;
  port: number | null;
  kind: string;
  text: string;
  raisedAt: string;
  clearedAt: string | null;
  seenAt: string | null;
  quiet: number;
};

export type Schema = {
  appliance: ApplianceTable;
  hostKey: HostKeyTable;
  observation: ObservationTable;
  /** Rows of a trail that was tampered with may hold anything: `audit.ts` checks each. */
  audit: AuditRecord;
  auditHead: AuditHeadTable;
  setting: SettingTable;
  tenantQuota: TenantQuotaTable;
  remoteLeftover: RemoteLeftoverTable;
  tenantNote: TenantNoteTable;
  probe: ProbeTable;
  tunnelChange: TunnelChangeTable;
  tunnelLatency: TunnelLatencyTable;
  tunnelLatencyDay: TunnelLatencyDayTable;
  watchSpan: WatchSpanTable;
  notification: NotificationTable;
};
