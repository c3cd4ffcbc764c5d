import type { LicencePing } from '../licence/authorityApi.ts';
import type { AccountLine, PerUserHead, StandardReport } from './usageReport.ts';

type FieldText = { label: string; means: string; source: string };

/** Each field of an account in the per-user report. `docs/usage-reports.md` says more. */
export const accountFields: Record<keyof AccountLine, FieldText> = {
  account: { label: 'Account', means: 'Account ID: MD5, or plain text', source: 'account.id' },
  userName: { label: 'User name', means: 'User name: MD5, or plain text', source: 'account.user_name' },
  userId: {
    label: 'User ID',
    means: 'User ID at the connector: MD5, or plain text',
    source: 'account.user_id',
  },
  userDomain: {
    label: 'User domain',
    means: 'User domain: MD5, or plain text',
    source: 'account.user_domain',
  },
  active: { label: 'Active', means: 'Whether the account is active', source: 'account.deactivated_at' },
  admin: { label: 'Admin', means: 'Whether it is an admin account', source: 'account.is_admin' },
  connector: { label: 'Connector', means: 'Name of the connector', source: 'connector.name' },
  lastRequest: {
    label: 'Last request',
    means: 'Day of the last request; empty if there was none',
    source: 'account.last_request_at',
  },
  connected: {
    label: 'Connected',
    means: 'Day on which it was connected',
    source: 'account.connected_at',
  },
  updated: { label: 'Updated', means: 'Day of the last update', source: 'account.updated_at' },
  internal: {
    label: 'Internal development',
    means: 'Whether it is marked. Then the four identifying fields are in plain text.',
    source: 'account, application or licence',
  },
};

const headFields = {
  kind: { label: 'Kind', means: 'Which report it is', source: 'fixed' },
  format: { label: 'Format', means: 'Version of the form', source: 'fixed' },
  applianceId: { label: 'Appliance', means: 'The appliance’s own ID', source: 'appliance.json' },
  month: { label: 'Month', means: 'The month, in UTC', source: 'the clock, or chosen' },
  from: { label: 'From', means: 'First instant of the month', source: 'the month' },
  to: { label: 'To', means: 'First instant after the month', source: 'the month' },
} as const satisfies Record<keyof PerUserHead, FieldText>;

/** Each field of the first line of the per-user report. */
export const perUserHeadFields: Record<keyof PerUserHead, FieldText> = headFields;

/** Each field of the standard report. */
export const standardFields: Record<keyof StandardReport, FieldText> = {
  ...headFields,
  developerAccounts: {
    label: 'Developer accounts',
    means: 'How many developers have an account',
    source: 'table developer',
  },
  hasExternalDatabase: {
    label: 'External database',
    means: 'Whether a database is configured',
    source: 'db in kloudless.yml',
  },
  hasExternalRedis: {
    label: 'External Redis',
    means: 'Whether Redis is configured',
    source: 'redis in kloudless.yml',
  },
  connectors: {
    label: 'Connectors',
    means: 'For each: admin and non-admin accounts, active and all',
    source: 'tables account, connector',
  },
};

/** Each field of a ping. */
export const pingFields: Record<keyof LicencePing, FieldText> = {
  version: { label: 'Version', means: 'Version of the kit', source: 'the kit' },
  publicIp: { label: 'Public address', means: 'Empty if the appliance knows none', source: 'appliance.json' },
  privateIp: { label: 'Private address', means: 'Address in the site’s network', source: 'the network' },
  hostname: { label: 'Host name', means: 'Name of the appliance', source: 'the system' },
  licenceKey: {
    label: 'Licence key',
    means: 'Proves the licence. Masked here, sent in full.',
    source: 'appliance.json',
  },
};
