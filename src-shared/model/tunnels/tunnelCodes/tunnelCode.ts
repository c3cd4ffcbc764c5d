import type { Tone } from '../tone.ts';

/**
 * A tunnel's six layers in the order of their diagnosis. Layers after the first that fails are unknown, never green.
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

/** Who can fix a fault; `network` is the network between the two sites. */
export type Side = 'none' | 'appliance' | 'tenant' | 'network' | 'operator';

/** What a log line proves, judged by the messages of sshd and of the kit. */
export type ProofKind = 'refused' | 'accepted' | 'ended' | 'listener' | 'upstream' | 'change';

/** Facts about a tunnel that its customer may read: nothing about the appliance or other tenants. */
export type CustomerFacts = {
  destination: string;
  /** Type and fingerprint; null if layer two is not ok. */
  registeredKey: string | null;
  /** "us" for the customer; the appliance's name for the operator. */
  us: string;
};

export type TunnelFacts = CustomerFacts & {
  tenant: string;
  appliance: string;
  port: string;
  /** Plain OpenSSH, which announces no destination. */
  isPlain: boolean;
  /** When a session was last seen; null if never. */
  seenAt: string | null;
};

type Text<Facts, Value = string> = Value | ((facts: Facts) => Value);

export type CustomerMessage = {
  seen: Text<CustomerFacts>;
  checks?: Text<CustomerFacts, readonly string[]>;
};

/** Everything the project knows about one code. */
export type TunnelCodeFacts = {
  layer: LayerName;
  /** The state of the layer; a later layer that explains the fault turns `fail` into `warn`. */
  state: LayerState;
  /** The tone of a tunnel with this code; by default that of `state`. */
  tone?: Tone;
  side: Side;
  /** Short label for tables. */
  word: string;
  /** Definition for the document and the help. */
  help: string;
  /** What it means for one tunnel; by default `help`. */
  meaning?: Text<TunnelFacts>;
  /** `tenant`: the tenant, with the customer's checks as questions. By default no side is asked. */
  ask?: 'tenant' | ((facts: TunnelFacts) => string | null);
  /** The operator's next step; by default none. */
  next?: Text<TunnelFacts>;
  /** By default, there is no fault and nothing to check. */
  customer?: CustomerMessage;
  /** The kinds of log lines that can prove it, the deciding kind first. */
  proof: readonly ProofKind[];
  /** The `sallyport` command that does the next step. */
  nextCommand?: 'rotate' | 'resume' | 'release' | 'change' | 'probe';
  /** Counts as an outage in availability although it only warns; `bad` always counts. */
  endsUptime?: true;
  /** A process that is not the tenant’s live session holds the port. */
  isPortHeld?: true;
  /** Why the tenant has no session. */
  absence?: 'unexplained' | 'wrong-key' | 'never-connected';
};

export const onOurSide = 'This is on our side. There is nothing for you to do.';
/** The tunnel is open, but the service behind it is not tested. */
export const openUntested = {
  seen: 'Your site is connected and this connection is open. The service behind it was not tested.',
};
