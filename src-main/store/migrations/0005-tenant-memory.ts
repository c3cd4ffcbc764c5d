import type { Migration } from '../migrate.ts';

/**
 * Stores the quotas of suspended tenants, which appliances forget, and the temporary files that must still be
 * deleted.
 */
export const tenantMemory: Migration = {
  version: 5,
  name: 'tenant memory',
  sql: `
    CREATE TABLE tenant_quota (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      client_id    TEXT NOT NULL,
      quota        INTEGER NOT NULL CHECK (quota > 0),
      seen_at      TEXT NOT NULL,
      PRIMARY KEY (appliance_id, client_id)
    ) STRICT;
    CREATE TABLE remote_leftover (
      appliance_id TEXT NOT NULL REFERENCES appliance (id) ON DELETE CASCADE,
      path         TEXT NOT NULL,
      made_at      TEXT NOT NULL,
      PRIMARY KEY (appliance_id, path)
    ) STRICT;
  `,
};
