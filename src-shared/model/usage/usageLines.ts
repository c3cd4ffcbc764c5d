import { escapeInvisibleCharacters } from '../../base/machineText.ts';
import type { AccountLine, PerUserHead, PerUserTail, StandardReport } from './usageReport.ts';

/*
 * The canonical bytes of a report: JSON Lines in UTF-8. Each line is what JSON.stringify writes, with the members in the
 * order of these functions, and ends with a line feed. The same data give the same bytes.
 */

const line = (value: object) => `${JSON.stringify(value)}\n`;

export function formatStandardReport(report: StandardReport): string {
  const { kind, format, applianceId, month, from, to } = report;
  const { developerAccounts, hasExternalDatabase, hasExternalRedis, connectors } = report;
  return line({
    kind,
    format,
    applianceId,
    month,
    from,
    to,
    developerAccounts,
    hasExternalDatabase,
    hasExternalRedis,
    connectors: connectors.map(({ connector, admin, nonAdmin }) => ({
      connector,
      admin: { active: admin.active, total: admin.total },
      nonAdmin: { active: nonAdmin.active, total: nonAdmin.total },
    })),
  });
}

export function formatPerUserHead({ kind, format, applianceId, month, from, to }: PerUserHead): string {
  return line({ kind, format, applianceId, month, from, to });
}

const quoted = (text: string | null) => (text === null ? 'null' : `"${text}"`);

/**
 * Invisible characters of plain text are written as `\uXXXX`, so that they are harmless on a terminal. Without plain text,
 * nothing needs an escape, and the line is written in half the time of JSON.stringify.
 */
export function formatAccountLine(account: AccountLine): string {
  if (account.internal) return formatInternalLine(account);
  const { userName, userId, userDomain, active, admin, connector, lastRequest, connected, updated } = account;
  return `{"account":"${account.account}","userName":${quoted(userName)},"userId":${quoted(userId)},"userDomain":${quoted(userDomain)},"active":${active},"admin":${admin},"connector":"${connector}","lastRequest":${quoted(lastRequest)},"connected":"${connected}","updated":"${updated}","internal":false}\n`;
}

function formatInternalLine(account: AccountLine): string {
  const text = line({
    account: account.account,
    userName: account.userName,
    userId: account.userId,
    userDomain: account.userDomain,
    active: account.active,
    admin: account.admin,
    connector: account.connector,
    lastRequest: account.lastRequest,
    connected: account.connected,
    updated: account.updated,
    internal: account.internal,
  });
  return escapeInvisibleCharacters(text);
}

export function formatPerUserTail({ accounts, internal }: PerUserTail): string {
  return line({ accounts, internal });
}
