import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { ServiceFacts, TlsFacts } from '../../../src-shared/model/tunnels/probe.ts';
import type { MeteredStream } from './meteredStream.ts';

/** Input of a protocol's probe: the destination, and connections to it through the tunnel. */
export type ServiceProbe = (about: {
  uri: RepositoryUri;
  /** The first call returns the open connection, later calls new ones. Null if no connection opens any more. */
  connect: () => Promise<MeteredStream | null>;
  /** Aborts at the time limit. */
  signal: AbortSignal;
}) => Promise<ProtocolFacts>;

/** The result of a protocol's probe. The caller measures the duration. */
export type ProtocolFacts =
  | { outcome: 'answered' | 'asks-log-in'; protocol: string; tls: TlsFacts | null; answeredAt: number }
  | Extract<ServiceFacts, { outcome: 'tls-failed' | 'wrong-protocol' | 'fails' | 'path-not-found' }>
  /** No usable answer. The caller knows whether the service was silent or closed the connection. */
  | { outcome: 'nothing'; stage: 'tls' | 'protocol' };
