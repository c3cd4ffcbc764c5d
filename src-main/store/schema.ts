/** Tables as SQL sees them. Instants are ISO 8601 text; columns named `…_json` hold one JSON document. */
type ApplianceTable = {
  id: string;
  name: string;
  entry_json: string;
  created_at: string;
};

type HostKeyTable = {
  host: string;
  port: number;
  type: string;
  fingerprint: string;
  pinned_at: string;
  pinned_by: string;
};

/** The last value of each kind that an appliance gave. */
type ObservationTable = {
  appliance_id: string;
  kind: string;
  observed_at: string;
  value_json: string;
};

export type AuditTable = {
  seq: number;
  at: string;
  phase: string;
  intent_seq: number | null;
  operator: string;
  role: string;
  session: string;
  event: string;
  object: string;
  result: string;
  error_code: string | null;
  source: string;
  destination: string | null;
  command: string | null;
  reason: string | null;
  detail: string;
  previous_hash: string;
  hash: string;
};

/** One row: how long the trail is and how it ends, so that a cut tail shows. */
type AuditHeadTable = { id: number; count: number; head: string };

type SettingTable = { key: string; value_json: string };

type TenantQuotaTable = { appliance_id: string; client_id: string; quota: number; seen_at: string };
type RemoteLeftoverTable = { appliance_id: string; path: string; made_at: string };

type ProbeTable = { appliance_id: string; port: number; at: string; value_json: string };

export type TunnelChangeTable = {
  appliance_id: string;
  client_id: string;
  /** 0 for a tenant without a forward. */
  port: number;
  at_ms: number;
  tone: string;
  code: string;
  reason: string;
  /** 1 where it was well until then. */
  dropped: number;
};
type TunnelLatencyTable = {
  appliance_id: string;
  client_id: string;
  port: number;
  quarter_ms: number;
  slowest_ms: number;
};
/** One console's watch over one appliance, from its first answer to the last so far. */
type WatchSpanTable = { id: string; appliance_id: string; from_ms: number; to_ms: number };

type NotificationTable = {
  id: string;
  /** What it is about, so that the same thing is not raised twice. */
  subject: string;
  appliance_id: string;
  client_id: string;
  port: number | null;
  kind: string;
  text: string;
  raised_at: string;
  cleared_at: string | null;
  seen_at: string | null;
  quiet: number;
};

export type Schema = {
  appliance: ApplianceTable;
  host_key: HostKeyTable;
  observation: ObservationTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
  setting: SettingTable;
  tenant_quota: TenantQuotaTable;
  remote_leftover: RemoteLeftoverTable;
  probe: ProbeTable;
  tunnel_change: TunnelChangeTable;
  tunnel_latency: TunnelLatencyTable;
  watch_span: WatchSpanTable;
  notification: NotificationTable;
};
