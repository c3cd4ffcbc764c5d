import type { Migration } from '../migrate.ts';
import { inventory } from './0001-inventory.ts';
import { observations } from './0002-observations.ts';
import { audit } from './0003-audit.ts';
import { settings } from './0004-settings.ts';
import { tenantMemory } from './0005-tenant-memory.ts';
import { probes } from './0006-probes.ts';
import { tunnelHistory } from './0007-tunnel-history.ts';
import { notifications } from './0008-notifications.ts';
import { legacyAlgorithms } from './0009-legacy-algorithms.ts';
import { historyOf30Days } from './0010-history-of-30-days.ts';
import { applianceMarks } from './0011-appliance-marks.ts';
import { tenantNotes } from './0012-tenant-notes.ts';
import { licenceTrips } from './0013-licence-trips.ts';
import { licenceWork } from './0014-licence-work.ts';
import { connectedWindows } from './0015-connected-windows.ts';
import { logDestinations } from './0016-log-destinations.ts';
import { usageCounts } from './0017-usage-counts.ts';
import { usageWarnings } from './0018-usage-warnings.ts';
import { fleetRuns } from './0019-fleet-runs.ts';
import { notificationTargets } from './0020-notification-targets.ts';
import { credentials } from './0021-credentials.ts';

/** All migrations in order. Never change a migration that was released. */
export const migrations: readonly Migration[] = [
  inventory,
  observations,
  audit,
  settings,
  tenantMemory,
  probes,
  tunnelHistory,
  notifications,
  legacyAlgorithms,
  historyOf30Days,
  applianceMarks,
  tenantNotes,
  licenceTrips,
  licenceWork,
  connectedWindows,
  logDestinations,
  usageCounts,
  usageWarnings,
  fleetRuns,
  notificationTargets,
  credentials,
];
