import type { AuditRecord } from '../../src-shared/model/audit/audit.ts';

/**
 * The tables. Names are camel case here and snake case in SQL. Times are ISO 8601 text unless the name ends
 * in `Ms`; columns named `…Json` contain JSON.
 */
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

/**
 * One row with the number of records and the last hash of the trail, so that deleted last records are
 * detected.
 */
type AuditHeadTable = { id: number; count: number; head: string };

type SettingTable = { key: string; valueJson: string };

type TenantQuotaTable = { applianceId: string; clientId: string; quota: number; seenAt: string };
type RemainingFileTable = { applianceId: string; path: string; madeAt: string };

type TenantNoteTable = {
  applianceId: string;
  clientId: string;
  noteJson: string;
  changedAt: string;
  changedBy: string;
};

/** `applianceId` is the appliance's own identity; `entryId` is the console's entry when the trip was stored. */
type LicenceTripTable = {
  id: string;
  applianceId: string;
  entryId: string | null;
  requestNumber: number;
  openedAt: string;
  endedAt: string | null;
  tripJson: string;
};

/** `sequence` is that of the licence; 0 if none is installed. */
type LicenceWorkTable = { applianceId: string; sequence: number; workJson: string };

/** `owner` identifies the console in which the window is open, or which asks what became of it. */
type ConnectedWindowTable = {
  applianceId: string;
  owner: string;
  ownerPid: number;
  state: 'open' | 'interrupted' | 'settled';
  windowJson: string;
};

/** `day` is the UTC day of `takenAt`. `planJson` is null if no plan was known. */
type UsageCountsTable = {
  applianceId: string;
  month: string;
  day: string;
  takenAt: string;
  summaryJson: string;
  planJson: string | null;
};

type UsageWarningRaisedTable = {
  applianceId: string;
  month: string;
  state: string;
  text: string;
  raisedAt: string;
  endedAt: string | null;
};

type ProbeTable = { applianceId: string; port: number; at: string; valueJson: string };

export type TunnelChangeTable = {
  applianceId: string;
  clientId: string;
  /** 0 if the row is about the tenant itself. */
  port: number;
  atMs: number;
  tone: string;
  code: string;
  reason: string;
  /** 1 if this change ended the tunnel while it was up. */
  dropped: number;
};
type TunnelLatencyTable = {
  applianceId: string;
  clientId: string;
  port: number;
  quarterMs: number;
  slowestMs: number;
};
/** `hoursJson` is a list of `[hour in epoch ms, median, slowest]`, for each hour of the day. */
type TunnelLatencyDayTable = {
  applianceId: string;
  clientId: string;
  port: number;
  dayMs: number;
  hoursJson: string;
};
/**
 * A period in which one console watched one appliance without a gap, from the first to the last answer.
 */
type WatchSpanTable = { id: string; applianceId: string; fromMs: number; toMs: number };

type NotificationTable = {
  id: string;
  /** Identifies the kind, the tenant and the port. Two open notifications never have the same subject. */
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

/** `sent`, `missed` and `refused` count lines: that were sent, that were pruned before, and that the receiver refused. */
type LogDestinationTable = {
  id: string;
  name: string;
  destinationJson: string;
  sent: number;
  missed: number;
  refused: number;
};
/** The number of the line of a file that is sent next to a destination. */
type LogPositionTable = { destinationId: string; applianceId: string; source: string; nextLine: number };

type FleetRunTable = { number: number; owner: string; ownerPid: number; runJson: string };
type FleetRunResultTable = { number: number; applianceId: string; position: number; resultJson: string };
/** `sent` and `lost` count notifications. `problemJson`: why nothing can be sent now. */
type NotificationTargetTable = {
  id: string;
  name: string;
  targetJson: string;
  sent: number;
  lost: number;
  lastSentAt: string | null;
  problemJson: string | null;
};
type NotificationDeliveryTable = {
  targetId: string;
  notificationId: string;
  event: 'raised' | 'cleared';
  /** `skipped`: it was not to be sent. `lost`: it was refused or became too old. */
  outcome: 'sent' | 'skipped' | 'lost';
};
type CredentialTable = {
  id: string;
  name: string;
  userName: string | null;
  kind: string;
  createdAt: string;
  rotatedAt: string | null;
};

export type Schema = {
  appliance: ApplianceTable;
  hostKey: HostKeyTable;
  observation: ObservationTable;
  /**
   * The columns of a trail that was tampered with may contain anything, so `audit.ts` validates each row.
   */
  audit: AuditRecord;
  auditHead: AuditHeadTable;
  setting: SettingTable;
  tenantQuota: TenantQuotaTable;
  remoteLeftover: RemainingFileTable;
  tenantNote: TenantNoteTable;
  licenceTrip: LicenceTripTable;
  licenceWork: LicenceWorkTable;
  connectedWindow: ConnectedWindowTable;
  usageCounts: UsageCountsTable;
  usageWarningRaised: UsageWarningRaisedTable;
  probe: ProbeTable;
  tunnelChange: TunnelChangeTable;
  tunnelLatency: TunnelLatencyTable;
  tunnelLatencyDay: TunnelLatencyDayTable;
  watchSpan: WatchSpanTable;
  notification: NotificationTable;
  logDestination: LogDestinationTable;
  logPosition: LogPositionTable;
  fleetRun: FleetRunTable;
  fleetRunResult: FleetRunResultTable;
  notificationTarget: NotificationTargetTable;
  notificationDelivery: NotificationDeliveryTable;
  credential: CredentialTable;
};
