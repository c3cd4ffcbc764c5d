import { visibleLine } from '../../base/machineText.ts';
import type { Layer } from './tunnelLayer.ts';
import type { Tunnel } from './chain.ts';
import type { RefusedForward } from './refusedForward.ts';
import { tunnelCodes, type TunnelCode } from './tunnelCodes.ts';
import { isOnOurSide } from './tunnelCodes/tunnelCode.ts';
import type { CustomerFacts, CustomerMessage, Side, TunnelFacts } from './tunnelCodes/tunnelCode.ts';

/**
 * What a tunnel's first failing layer means, whom to ask, and what to do next. Written for an operator who
 * has the customer on the phone.
 */
export type Advice = {
  meaning: string;
  /** Whom to ask and what to ask. The text follows the word "Ask". */
  ask: string | null;
  next: string;
  side: Side;
};

type Layered = { layers: readonly Pick<Layer, 'code' | 'evidence' | 'cause'>[] };
type Advised = Layered &
  Pick<Tunnel, 'code' | 'clientId' | 'port' | 'destination' | 'lastSeenAt' | 'since' | 'holder'>;

const noAction = 'No action needed.';
const nothingWrong: CustomerMessage = { seen: 'We see nothing wrong with this connection.' };
const defaultDestination = 'the service';

function resolveText<Facts, Value extends string | readonly string[]>(
  text: Value | ((facts: Facts) => Value),
  facts: Facts,
): Value {
  return typeof text === 'function' ? text(facts) : text;
}

/** Type and fingerprint of the tenant's key. Null if the key layer is not ok. */
function registeredKeyOf({ layers }: Layered): string | null {
  return layers.find(({ code }) => code === 'T-2000')?.evidence ?? null;
}

/** The layer that has the tunnel's code. */
const decidingLayer = ({ layers, code }: Layered & { code: TunnelCode }) =>
  layers.find((layer) => layer.code === code);

function customerMessage(code: TunnelCode, facts: CustomerFacts) {
  const { seen, checks = [] } = tunnelCodes[code].customer ?? nothingWrong;
  return { seen: resolveText(seen, facts), checks: resolveText(checks, facts) };
}

function stepsOf(code: TunnelCode, facts: TunnelFacts): Omit<Advice, 'meaning'> {
  const { ask = () => null, next = noAction, side } = tunnelCodes[code];
  const asksTenant = () => `${facts.tenant}: ${customerMessage(code, facts).checks.join(' ')}`;
  return { ask: ask === 'tenant' ? asksTenant() : ask(facts), next: resolveText(next, facts), side };
}

/** `refusedForward`: what sshd refused to this session, if its log was read. */
export function adviseOn(
  tunnel: Advised,
  appliance: string,
  refusedForward: RefusedForward | null = null,
): Advice {
  const facts = {
    tenant: tunnel.clientId,
    appliance,
    us: appliance,
    port: tunnel.port === null ? '' : String(tunnel.port),
    destination: tunnel.destination ?? defaultDestination,
    isPlain: tunnel.destination === null,
    seenAt: tunnel.lastSeenAt ?? tunnel.since,
    registeredKey: registeredKeyOf(tunnel),
    cause: decidingLayer(tunnel)?.cause ?? null,
    refusedForward,
    holder: tunnel.holder ?? null,
  };
  const { help, meaning = help } = tunnelCodes[tunnel.code];
  const own = resolveText(meaning, facts);
  // The code of a tunnel that forwards says nothing about another forward of the same client.
  const other =
    refusedForward === null || own.includes(refusedForward.asked)
      ? ''
      : ` ${appliance} refused another forward of ${tunnel.clientId}. It asked for ${refusedForward.asked}; ${refusedForward.reason}.`;
  return { meaning: `${own}${other}`, ...stepsOf(tunnel.code, facts) };
}

/**
 * A text for the customer about one tunnel. It contains only the customer's own data and no internals of the
 * appliance.
 */
export function customerText(
  tunnel: Layered & Pick<Tunnel, 'code' | 'clientId' | 'destination' | 'group' | 'repository'>,
  refusedForward: RefusedForward | null = null,
): string {
  // A line break in a name from the appliance could forge further lines of the text.
  const destination = visibleLine(tunnel.destination ?? '');
  const registeredKey = registeredKeyOf(tunnel);
  const { seen, checks } = customerMessage(tunnel.code, {
    us: 'us',
    destination: destination === '' ? defaultDestination : destination,
    registeredKey: registeredKey === null ? null : visibleLine(registeredKey),
    cause: decidingLayer(tunnel)?.cause ?? null,
    refusedForward,
  });
  const { isEvidenceForCustomer } = tunnelCodes[tunnel.code];
  const evidence = isEvidenceForCustomer === true ? visibleLine(decidingLayer(tunnel)?.evidence ?? '') : '';
  const name = [tunnel.group, tunnel.repository]
    .flatMap((part) => (part === null ? [] : [visibleLine(part)]))
    .join('/');
  const subject = [visibleLine(tunnel.clientId), name, destination].filter((part) => part !== '').join(', ');
  return [
    `Connection: ${subject}`,
    `What we see: ${seen}`,
    ...(evidence === '' ? [] : [`Result of our test: ${evidence}`]),
    ...(checks.some(isOnOurSide)
      ? checks
      : checks.length === 0
        ? []
        : ['Please check:', ...checks.map((line) => `- ${line}`)]),
    `Code: ${tunnel.code}`,
  ].join('\n');
}

const anyTunnel: TunnelFacts = {
  tenant: 'the tenant',
  appliance: 'the appliance',
  us: 'the appliance',
  port: 'of the tunnel',
  destination: defaultDestination,
  isPlain: false,
  // The texts for a tenant that was connected before, because that is the usual case.
  seenAt: '',
  registeredKey: null,
  cause: null,
  refusedForward: null,
  holder: null,
};

const capitalized = (text: string) => text.replaceAll(/(^|[.!?] )the /gu, '$1The ');

/** What a code means for any tunnel, and what to check on each side. Needs no appliance and no network. */
export function tunnelCodeHelp(code: TunnelCode) {
  const { layer, word, help } = tunnelCodes[code];
  const { ask, next, side } = stepsOf(code, anyTunnel);
  return {
    code,
    layer,
    side,
    word,
    meaning: help,
    ask,
    next: capitalized(next),
    /** What the customer can check at the site. */
    checks: customerMessage(code, anyTunnel)
      .checks.filter((check) => !isOnOurSide(check))
      .map(capitalized),
  };
}
