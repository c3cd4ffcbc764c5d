import { formatCount } from '../../base/formatCount.ts';
import { quoteText, visibleLine } from '../../base/machineText.ts';
import { dayMs, formatInstant } from '../../base/time.ts';
import { describeInternal, isWhollyInternal } from './internalLicence.ts';
import type { LicencePayload, LicenceShowOutput } from './licence.ts';
import { secretMask } from '../configuration/configurationKeys.ts';
import { isCut, showValue, type ShownValues } from '../configuration/shownValues.ts';
import type { LicenceRequest } from './licenceRequest.ts';
import type { LicenceChange } from './trip.ts';

/** What a comparison needs of the licence that replaces the installed one. */
type LicenceTerms = Pick<
  LicencePayload,
  'sequence' | 'expiresAt' | 'graceDays' | 'entitlements' | 'configuration' | 'plans'
>;
type Effect = LicenceChange['effect'];
type Entitlements = LicencePayload['entitlements'];

const none = 'none';
const connectorPrefix = 'connector:';
const maxValue = 4200;

/** The connector whose right a change takes or gives, or null. */
export function connectorOfChange({ id }: Pick<LicenceChange, 'id'>): string | null {
  return id.startsWith(connectorPrefix) ? id.slice(connectorPrefix.length) : null;
}

const signed = (value: number, unit: string) =>
  `${value > 0 ? '+' : '−'}${formatCount(Math.abs(value))}${unit}`;

function effectOf(difference: number): Effect {
  if (difference === 0) return 'same';
  return difference > 0 ? 'gain' : 'loss';
}

function compareExpiry(before: string | null, after: string): LicenceChange {
  const difference = before === null ? null : Date.parse(after) - Date.parse(before);
  const days = difference === null ? 0 : Math.round(difference / dayMs);
  return {
    id: 'expiry',
    field: 'Expires',
    before: before === null ? none : formatInstant(before),
    after: formatInstant(after),
    difference: days === 0 ? '' : signed(days, ' d'),
    effect: difference === null ? 'gain' : effectOf(difference),
  };
}

/** A bill changes with a plan although its name stays, so a price that differs is a change. Empty without plans. */
function comparePlans(before: LicenceShowOutput, after: LicenceTerms): LicenceChange[] {
  if (before.plans === undefined && after.plans === undefined) return [];
  const isSame = JSON.stringify(before.plans) === JSON.stringify(after.plans);
  const nameAll = ({ plans }: Pick<LicenceTerms, 'plans'>) => plans?.map(({ id }) => id).join(', ') ?? none;
  return [
    {
      id: 'plans',
      field: 'Price plans',
      before: nameAll(before),
      after: nameAll(after),
      difference: isSame ? '' : 'prices or rules differ',
      effect: isSame ? 'same' : 'neutral',
    },
  ];
}

function countGraceDays({ expiresAt, graceEndsAt }: LicenceShowOutput): number | null {
  if (expiresAt === null || graceEndsAt === null) return null;
  return Math.round((Date.parse(graceEndsAt) - Date.parse(expiresAt)) / dayMs);
}

function compareGrace(before: LicenceShowOutput, after: LicenceTerms): LicenceChange {
  const days = countGraceDays(before);
  const difference = days === null ? 0 : after.graceDays - days;
  return {
    id: 'grace',
    field: 'Grace',
    before: days === null ? none : `${days} d`,
    after: `${after.graceDays} d`,
    difference: difference === 0 ? '' : signed(difference, ' d'),
    effect: days === null ? 'gain' : effectOf(difference),
  };
}

const formatAccounts = (accounts: number | null) => (accounts === null ? 'unlimited' : formatCount(accounts));

function compareAccounts(before: Entitlements | null, after: Entitlements): LicenceChange {
  const [from, to] = [before?.accounts ?? null, after.accounts];
  const base = { id: 'accounts', field: 'Accounts', after: formatAccounts(to) };
  if (before === null) return { ...base, before: none, difference: '', effect: 'gain' };
  const isSame = from === to;
  const isNumeric = from !== null && to !== null;
  return {
    ...base,
    before: formatAccounts(from),
    difference: isNumeric && !isSame ? signed(to - from, '') : '',
    effect: isNumeric ? effectOf(to - from) : isSame ? 'same' : to === null ? 'gain' : 'loss',
  };
}

const formatConnectors = (names: ReadonlySet<string>) =>
  names.size === 0 ? none : [...names].map(visibleLine).join(' ').slice(0, maxValue);

const connectorChange = (name: string, isGain: boolean): LicenceChange => ({
  id: `${connectorPrefix}${name}`,
  field: `Connector ${visibleLine(name).slice(0, 100)}`,
  before: isGain ? 'not licensed' : 'licensed',
  after: isGain ? 'licensed' : 'not licensed',
  difference: `${isGain ? '+' : '−'} ${visibleLine(name).slice(0, 100)}`,
  effect: isGain ? 'gain' : 'loss',
});

/** One change with both lists, then one for each connector that is added or removed. */
function compareConnectors(before: Entitlements | null, after: Entitlements): LicenceChange[] {
  const [from, to] = [new Set(before?.connectors), new Set(after.connectors)];
  const lost = [...from].filter((name) => !to.has(name));
  const gained = [...to].filter((name) => !from.has(name));
  const counts = [gained.length > 0 ? `+${gained.length}` : '', lost.length > 0 ? `−${lost.length}` : ''];
  return [
    {
      id: 'connectors',
      field: 'Connectors',
      before: formatConnectors(from),
      after: formatConnectors(to),
      difference: counts.filter((count) => count !== '').join(', '),
      effect: lost.length + gained.length === 0 ? 'same' : 'neutral',
    },
    ...lost.map((name) => connectorChange(name, false)),
    ...gained.map((name) => connectorChange(name, true)),
  ];
}

function compareTerms(before: Entitlements | null, after: Entitlements): LicenceChange[] {
  const permitted = (isPermitted: boolean | undefined) =>
    isPermitted === undefined ? none : isPermitted ? 'permitted' : 'not permitted';
  const plan = before?.plan;
  const wasInternal = before?.internalDevelopment;
  const isSame = after.internalDevelopment === (wasInternal ?? false);
  return [
    {
      id: 'plan',
      field: 'Plan',
      before: plan === undefined ? none : visibleLine(plan),
      after: visibleLine(after.plan),
      difference: plan === after.plan ? '' : 'other terms',
      effect: plan === after.plan ? 'same' : 'neutral',
    },
    {
      id: 'internalDevelopment',
      field: 'Internal development',
      before: permitted(wasInternal),
      after: permitted(after.internalDevelopment),
      difference: isSame ? '' : after.internalDevelopment ? 'added' : 'removed',
      effect: effectOf(Number(after.internalDevelopment) - Number(wasInternal ?? false)),
    },
    compareInternalLicence(before, after),
  ];
}

const internalLicenceId = 'internalLicence';

/** Plain names leave the appliance, which a person must acknowledge like a loss. */
function compareInternalLicence(before: Entitlements | null, after: Entitlements): LicenceChange {
  const [was, is] = [isWhollyInternal(before), isWhollyInternal(after)];
  return {
    id: internalLicenceId,
    field: 'Internal licence',
    before: before === null ? none : describeInternal(was),
    after: describeInternal(is),
    difference: was === is ? '' : is ? 'added' : 'removed',
    effect: effectOf(Number(was) - Number(is)),
  };
}

const configurationPrefix = 'configuration:';

/** Whether the change is one of a configuration key. */
export const isConfigurationChange = ({ id }: Pick<LicenceChange, 'id'>) =>
  id.startsWith(configurationPrefix);

/** The present value at a key or, for a group of keys, how many it has. Null if it is absent. */
function findPresent(present: ShownValues, key: string): string | null {
  const exact = present.find(({ path }) => path === key);
  if (exact !== undefined) return visibleLine(exact.value);
  const below = present.filter(({ path }) => path.startsWith(`${key}.`) || path.startsWith(`${key}[`)).length;
  return below === 0 ? null : `${below} value${below === 1 ? '' : 's'}`;
}

/** A key that is there and gets another value, or is removed, is a loss. A secret is never the same for sure. */
function compareKey(
  key: string,
  value: string | number | boolean | null,
  present: ShownValues | null,
): LicenceChange {
  const before = present === null ? 'as on the appliance' : findPresent(present, key);
  const shown = value === null ? null : showValue(key.split('.'), value);
  const after =
    shown === null ? 'removed' : shown === secretMask ? 'new secret (hidden)' : visibleLine(shown);
  const base = {
    id: `${configurationPrefix}${key}`,
    field: key,
    before: before ?? none,
    after: after.slice(0, maxValue),
  };
  if (before === null)
    return { ...base, difference: value === null ? '' : 'added', effect: value === null ? 'same' : 'gain' };
  // Two long values may differ where they are cut.
  if (before === after && !isCut(after)) return { ...base, difference: '', effect: 'same' };
  return { ...base, difference: value === null ? 'removed' : 'changed', effect: 'loss' };
}

function compareConfiguration(
  { configuration }: LicenceTerms,
  { configurationRevision }: Pick<LicenceRequest, 'configurationRevision'>,
  present: ShownValues | null,
): LicenceChange[] {
  if (configuration === null) return [];
  const keys = Object.entries(configuration.set);
  return [
    {
      id: 'configuration',
      field: 'Configuration',
      before: `revision ${configurationRevision}`,
      after: `revision ${configuration.revision}`,
      difference: `${keys.length} key${keys.length === 1 ? '' : 's'}`,
      effect: 'neutral',
    },
    ...keys.map(([key, value]) => compareKey(key, value, present)),
  ];
}

/**
 * What changes if `after` replaces the installed licence, in plain words. Fields that stay the same are listed too.
 * A licence that was missing or unverifiable grants nothing. Pure.
 */
export function compareLicences(input: {
  before: LicenceShowOutput;
  after: LicenceTerms;
  request: Pick<LicenceRequest, 'configurationRevision'>;
  /** The values of the present configuration; null if they are not known. */
  configuration?: ShownValues | null;
}): LicenceChange[] {
  const { before, after, request, configuration = null } = input;
  return [
    {
      id: 'sequence',
      field: 'Sequence',
      before: before.sequence === null ? none : String(before.sequence),
      after: String(after.sequence),
      difference: '',
      effect: 'neutral',
    },
    compareExpiry(before.expiresAt, after.expiresAt),
    compareGrace(before, after),
    compareAccounts(before.entitlements, after.entitlements),
    ...compareConnectors(before.entitlements, after.entitlements),
    ...compareTerms(before.entitlements, after.entitlements),
    ...comparePlans(before, after),
    ...compareConfiguration(after, request, configuration),
  ];
}

/** The changes from one licence to another, both as `show` prints them. Empty if `after` can't be verified. Pure. */
export function compareShownLicences(before: LicenceShowOutput, after: LicenceShowOutput): LicenceChange[] {
  const { sequence, expiresAt, entitlements } = after;
  const graceDays = countGraceDays(after);
  if (sequence === null || expiresAt === null || entitlements === null || graceDays === null) return [];
  const terms = { sequence, expiresAt, graceDays, entitlements, configuration: null, plans: after.plans };
  return compareLicences({ before, after: terms, request: { configurationRevision: 0 } });
}

/** A loss as a sentence. `tunnels` is how many tunnels it touches. */
export function describeLoss(
  change: LicenceChange,
  facts: { tunnels: number; accountsInUse: number | null },
): string {
  const connector = connectorOfChange(change);
  if (connector !== null) {
    const uses =
      facts.tunnels === 0
        ? 'no tunnel uses it'
        : `${facts.tunnels} tunnel${facts.tunnels === 1 ? ' uses' : 's use'} it`;
    return `${quoteText(connector)} is no longer licensed; ${uses}.`;
  }
  if (isConfigurationChange(change)) {
    const key = quoteText(change.field);
    return change.difference === 'removed'
      ? `The configuration loses ${key}, which is ${change.before} now.`
      : `The configuration changes ${key} from ${change.before} to ${change.after}.`;
  }
  if (change.id === 'accounts') {
    const used = facts.accountsInUse === null ? '' : ` ${formatCount(facts.accountsInUse)} are in use.`;
    return `The number of accounts falls from ${change.before} to ${change.after}.${used}`;
  }
  if (change.id === 'expiry')
    return `The licence expires earlier: ${change.after} instead of ${change.before}.`;
  if (change.id === internalLicenceId)
    return 'The whole licence is for internal development: usage reports have the names of all accounts and users in plain text.';
  if (change.id === 'grace')
    return `The grace period is shorter: ${change.after} instead of ${change.before}.`;
  return `${change.field}: ${change.after} instead of ${change.before}.`;
}
