import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { ServiceFacts, TlsFacts } from '../../../src-shared/model/tunnels/probe.ts';
import type { MeteredStream } from './meteredStream.ts';

/** What a protocol's probe is given: the destination, and connections to it over the tunnel. */
export type ServiceProbe = (about: {
  uri: RepositoryUri;
  /** The connection that is already open, then fresh ones. Null when none opens any more. */
  connect: () => Promise<MeteredStream | null>;
  /** Ends everything when the time is over. */
  signal: AbortSignal;
}) => Promise<ProtocolFacts>;

/** What a protocol said; how long it took is added by whoever timed it. */
export type ProtocolFacts =
  | { outcome: 'answered' | 'asks-log-in'; protocol: string; tls: TlsFacts | null; answeredAt: number }
  | Extract<ServiceFacts, { outcome: 'tls-failed' | 'wrong-protocol' | 'fails' | 'path-not-found' }>
  /** Nothing usable came: whoever called knows whether it was silence or an end. */
  | { outcome: 'nothing'; stage: 'tls' | 'protocol' };
