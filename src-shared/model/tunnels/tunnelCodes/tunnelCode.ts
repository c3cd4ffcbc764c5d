import type { FaultCause } from '../probe.ts';
import type { RefusedForward } from '../refusedForward.ts';
import type { Tone } from '../tone.ts';

/**
 * The six layers of a tunnel in the order in which they are checked. After the first failing layer, all
 * others are `unknown`.
 */
export const layerNames = ['reachable', 'key', 'session', 'listener', 'forward', 'service'] as const;
export type LayerName = (typeof layerNames)[number];
export const layerTitles: Readonly<Record<LayerName, string>> = {
  reachable: 'Appliance reachable',
  key: 'Key registered',
  session: 'Session',
  listener: 'Listener',
  forward: 'Forward',
  service: 'Service',
};

export const layerStates = ['ok', 'warn', 'fail', 'unknown'] as const;
export type LayerState = (typeof layerStates)[number];

/** Who can fix a fault. `network` is the network between the two sites. */
export const sides = ['none', 'appliance', 'tenant', 'network', 'operator'] as const;
export type Side = (typeof sides)[number];

/** What a message of sshd or of the kit proves. */
export type ProofKind = 'refused' | 'accepted' | 'ended' | 'listener' | 'upstream' | 'change';

/**
 * Facts about a tunnel that its customer may read. They contain nothing about the appliance or other tenants.
 */
export type CustomerFacts = {
  destination: string;
  /** Type and fingerprint of the tenant's key. Null if the key layer is not ok. */
  registeredKey: string | null;
  /**
   * How to name the operator's side: "us" in texts for the customer, the appliance's name in texts for the
   * operator.
   */
  us: string;
  /** Why, if the answer of the service says it. */
  cause: FaultCause | null;
  /** The forward that sshd refused in the present session, as its log says. Null if none, or if not read. */
  refusedForward: RefusedForward | null;
};

export type TunnelFacts = CustomerFacts & {
  tenant: string;
  appliance: string;
  port: string;
  /** Whether the tenant uses plain OpenSSH, which announces no destinations. */
  isPlain: boolean;
  /** When a session was last seen. Null if never. */
  seenAt: string | null;
  /** The process that holds the port instead of the tenant. Null if it is unknown, or if no other process holds it. */
  holder: string | null;
};

type Text<Facts, Value = string> = Value | ((facts: Facts) => Value);

export type CustomerMessage = {
  seen: Text<CustomerFacts>;
  checks?: Text<CustomerFacts, readonly string[]>;
};

/** All facts about one code. */
export type TunnelCodeFacts = {
  layer: LayerName;
  /** The default state of the layer. If a later layer explains the fault, `fail` becomes `warn`. */
  state: LayerState;
  /** The tone of a tunnel with this code. By default the tone of `state`. */
  tone?: Tone;
  side: Side;
  /** Short label for tables. */
  word: string;
  /** What the code means for any tunnel. Shown in docs/tunnel-codes.md and in the page's help. */
  help: string;
  /** What the code means for one tunnel. By default `help`. */
  meaning?: Text<TunnelFacts>;
  /**
   * Whom to ask what. `tenant`: ask the tenant the customer's checks. By default, there is no question.
   */
  ask?: 'tenant' | ((facts: TunnelFacts) => string | null);
  /** What the operator should do next. By default, nothing. */
  next?: Text<TunnelFacts>;
  /** What to tell the customer. By default, that there is no fault and nothing to check. */
  customer?: CustomerMessage;
  /** Kinds of log lines that can prove the code, the most important kind first. */
  proof: readonly ProofKind[];
  /** The `sallyport` command that performs the next step. */
  nextCommand?: 'rotate' | 'resume' | 'release' | 'change' | 'probe';
  /** The evidence describes only the customer's own service, so the customer may read it. */
  isEvidenceForCustomer?: true;
  /** Counts as an outage although it only warns. Codes with the tone `bad` always count. */
  countsAsOutage?: true;
  /** A process that is not a live session of the tenant holds the port. */
  isPortHeld?: true;
  /** The tunnel works although this layer warns, so the layers after it are checked. */
  isUsable?: true;
  /** Why the tenant has no session. */
  absence?: 'unexplained' | 'wrong-key' | 'never-connected' | 'elsewhere' | 'refused-by-appliance';
};

export const onOurSide = 'This is on our side. There is nothing for you to do.';
/** For faults after which some clients don't recover by themselves. */
export const onOurSideFirst =
  'This is on our side. If the connection is not back when we tell you that it is solved, please restart Connect or your ssh client.';
/** Whether a check only says that the cause is not at the site. */
export const isOnOurSide = (check: string): boolean => check === onOurSide || check === onOurSideFirst;
/** For a tunnel that is open while the service behind it was not tested. */
export const openUntested = {
  seen: 'Your site is connected and this connection is open. The service behind it was not tested.',
};
