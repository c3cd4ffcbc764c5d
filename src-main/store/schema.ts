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

export type Schema = {
  appliance: ApplianceTable;
  host_key: HostKeyTable;
  observation: ObservationTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
};
