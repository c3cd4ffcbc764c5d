import { visibleLine } from '../../src-shared/base/machineText.ts';
import { formatInstant } from '../../src-shared/base/time.ts';
import { describeInternal, isWhollyInternal } from '../../src-shared/model/licence/internalLicence.ts';
import { isNewerVersion } from '../../src-shared/model/licence/isNewerVersion.ts';
import { licenceStates, type LicencePayload } from '../../src-shared/model/licence/licence.ts';
import type { LicenceReceipt, LicenceRequest } from '../../src-shared/model/licence/licenceRequest.ts';
import type { Answer } from './store/answers.ts';

/** One line of a description. `text` is safe to show, but not HTML. */
export type Fact = { label: string; text: string };

const countText = (count: number | null) => (count === null ? 'unlimited' : String(count));
const listText = (names: readonly string[]) =>
  names.length === 0 ? 'none' : names.map(visibleLine).join(', ');

/** What a request says, in plain words. */
export function describeRequest(request: LicenceRequest): Fact[] {
  const { number, applianceId, madeAt, applianceVersion, licence, usage, configurationRevision } = request;
  const { state, sequence, expiresAt } = licence;
  return [
    { label: 'Request', text: `number ${number}, made at ${formatInstant(madeAt)}` },
    { label: 'Appliance', text: `${applianceId}, version ${visibleLine(applianceVersion)}` },
    {
      label: 'Installed licence',
      text: [
        licenceStates[state].label,
        ...(sequence === null ? [] : [`sequence ${sequence}`]),
        ...(expiresAt === null ? [] : [`expires at ${formatInstant(expiresAt)}`]),
      ].join(', '),
    },
    {
      label: 'In use',
      text: `accounts: ${usage.accounts === null ? 'not counted' : usage.accounts}; connectors: ${listText(usage.connectors)}`,
    },
    { label: 'Installed configuration', text: `revision ${configurationRevision}` },
  ];
}

function change<Value>(value: Value, before: Value | undefined, text: (value: Value) => string): string {
  const [now, earlier] = [text(value), before === undefined ? null : text(before)];
  return earlier === null || earlier === now ? now : `${now} (before: ${earlier})`;
}

/** What the licence grants, and what differs from the one before. */
export function describeLicence(licence: LicencePayload, previous: LicencePayload | null): Fact[] {
  const { entitlements, configuration } = licence;
  const before = previous?.entitlements;
  return [
    {
      label: 'Licence',
      text: `sequence ${licence.sequence}, licence key ${visibleLine(licence.key)}, ID ${licence.id}`,
    },
    {
      label: 'Valid',
      text: `from ${formatInstant(licence.notBefore)} until ${formatInstant(licence.expiresAt)}, then ${licence.graceDays} days of grace`,
    },
    { label: 'Accounts', text: change(entitlements.accounts, before?.accounts, countText) },
    { label: 'Connectors', text: change(entitlements.connectors, before?.connectors, listText) },
    { label: 'Plan', text: change(entitlements.plan, before?.plan, visibleLine) },
    {
      label: 'Internal development',
      text: change(entitlements.internalDevelopment, before?.internalDevelopment, (isAllowed) =>
        isAllowed ? 'allowed' : 'not allowed',
      ),
    },
    {
      label: 'Internal licence',
      text: change(isWhollyInternal(entitlements), before && isWhollyInternal(before), describeInternal),
    },
    { label: 'Needs version', text: `${licence.minVersion} or later` },
    {
      label: 'Configuration',
      text:
        configuration === null
          ? 'not changed'
          : `revision ${configuration.revision} changes ${listText(Object.keys(configuration.set))}`,
    },
  ];
}

/** What the person who carries the answer should know before the trip back. */
export function warningsOf({ request, licence, isRepeated, newestNumber, appliance }: Answer): string[] {
  const { entitlements, minVersion } = licence;
  const { accounts, connectors } = request.usage;
  const missing = connectors.filter((name) => !entitlements.connectors.includes(name));
  return [
    ...(isRepeated ? ['This request was answered before. This is the same licence again.'] : []),
    ...(newestNumber > request.number
      ? [
          `A newer request of this appliance, number ${newestNumber}, was answered. The appliance accepts only the answer to its newest request.`,
        ]
      : []),
    ...(isNewerVersion(minVersion, request.applianceVersion)
      ? [
          `The licence needs version ${minVersion}. Update the appliance first; it has ${visibleLine(request.applianceVersion)}.`,
        ]
      : []),
    ...(accounts !== null && entitlements.accounts !== null && accounts > entitlements.accounts
      ? [`The appliance has ${accounts} accounts, more than the licence grants.`]
      : []),
    ...(missing.length > 0
      ? [`The appliance uses connectors that the licence lacks: ${listText(missing)}.`]
      : []),
    ...(isWhollyInternal(entitlements)
      ? [
          'The whole licence is for internal development: the appliance sends the names of all accounts and users in plain text.',
        ]
      : []),
    ...(request.clockRanBackFrom === null
      ? []
      : [
          `The clock of ${appliance.name} ran backwards from ${formatInstant(request.clockRanBackFrom)}. Correct it before the licence is applied.`,
        ]),
  ];
}

export function describeReceipt(name: string, receipt: LicenceReceipt): string {
  const { outcome, sequence, at } = receipt;
  const verb = outcome === 'applied' ? 'installed' : 'returned to';
  return `${name} ${verb} licence ${sequence} at ${formatInstant(at)}.`;
}

export function formatFacts(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(({ label }) => label.length));
  return facts.map(({ label, text }) => `${label.padEnd(width)}  ${text}`).join('\n');
}
