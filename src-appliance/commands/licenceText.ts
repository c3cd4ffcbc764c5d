import type { AuthorityExchange } from '../../src-shared/model/configuration/configurationCommands.ts';
import { formatInstant } from '../../src-shared/base/time.ts';
import { findClockProblems } from '../../src-shared/model/licence/clockProblems.ts';
import { isWhollyInternal } from '../../src-shared/model/licence/internalLicence.ts';
import type { LicenceMode, LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { describePings } from '../../src-shared/model/licence/licencePings.ts';
import { licenceChecks } from '../../src-shared/model/licence/licenceChecks.ts';
import type { ImportOutput, LicenceHistory } from '../../src-shared/model/licence/licenceCommands.ts';

const modes: Record<LicenceMode, string> = {
  connected: 'connected: ke_update_configuration fetches the licence',
  offline: 'offline: the licence is renewed with request and import',
};

/** The lines of `show` for people. */
export function formatLicence(licence: LicenceShowOutput): string[] {
  const lines = [`State    ${licence.state}: ${licence.reason}`];
  if (licence.key !== null) lines.push(`Key      ${licence.key}`);
  if (licence.sequence !== null) lines.push(`Sequence ${licence.sequence}`);
  if (licence.notBefore !== null && licence.expiresAt !== null)
    lines.push(
      `Term     ${licence.notBefore} to ${licence.expiresAt}, grace to ${licence.graceEndsAt ?? ''}`,
    );
  if (licence.entitlements !== null) {
    const { accounts, connectors, plan, internalDevelopment } = licence.entitlements;
    lines.push(
      `Grants   ${accounts ?? 'unlimited'} accounts, plan ${plan}${internalDevelopment ? ', internal development' : ''}`,
      `         connectors: ${connectors.join(', ') || 'none'}`,
    );
    if (isWhollyInternal(licence.entitlements))
      lines.push('Names    in plain text in usage reports: the whole licence is for internal development');
  }
  if (licence.mode !== null && licence.state !== 'not-required')
    lines.push(`Mode     ${modes[licence.mode]}`);
  if (licence.pings !== undefined) lines.push(`Pings    ${describePings(licence.pings)}`);
  const { clockRanBackFrom: ranBackFrom } = licence;
  const seen = { seenNow: null, observedAt: null, ranBackFrom, licence };
  for (const { code, text } of findClockProblems(seen)) lines.push(`Clock    ${code} ${text}`);
  return lines;
}

const outcomes: Record<ImportOutput['outcome'], string> = {
  applied: 'The licence was installed.',
  acceptable: 'The licence can be imported. Nothing was changed.',
  refused: 'The licence is refused. Nothing was changed.',
};

/** The lines of `verify` and `import` for people. */
export function formatImport({ outcome, checks, forecast, current }: ImportOutput): string[] {
  return [
    ...checks.map(
      (result) => `${result.outcome.padEnd(8)} ${licenceChecks[result.check].label}: ${result.detail}`,
    ),
    ...forecast.map((expected) => `${expected.outcome.padEnd(8)} ${expected.item}: ${expected.detail}`),
    outcomes[outcome],
    ...formatLicence(current),
  ];
}

export function formatVersion(version: LicenceHistory['versions'][number]): string {
  const { sequence, installedAt, expiresAt, isInstalled } = version;
  return `${sequence}  installed ${formatInstant(installedAt)}, expires ${formatInstant(expiresAt)}${isInstalled ? ', installed now' : ''}`;
}

/** What was sent to the authority, as the appliance knows it. The licence key is masked already. */
export function describeExchange({ url, ping, sentBytes, receivedBytes }: AuthorityExchange): string {
  const fields = ping === null ? 'no ping' : `ping ${JSON.stringify(ping)}`;
  return `${url}: ${fields}, ${sentBytes} bytes sent, ${receivedBytes} received`;
}
