import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { ServiceFacts, TlsFacts } from '../../../src-shared/model/tunnels/probe.ts';
import type { MeteredStream } from './meteredStream.ts';

/** Probes a service of one protocol at `uri`, over connections through the tunnel. */
export type ServiceProbe = (target: {
  uri: RepositoryUri;
  /**
   * The first call returns the connection that is already open, later calls open new ones. Null if none can
   * be opened.
   */
  connect: () => Promise<MeteredStream | null>;
  /** Aborts at the time limit. */
  signal: AbortSignal;
}) => Promise<ProtocolFacts>;

/** The result of a service probe, without its duration, which the caller measures. */
export type ProtocolFacts =
  | { outcome: 'answered' | 'asks-log-in'; protocol: string; tls: TlsFacts | null; answeredAt: number }
  | Extract<ServiceFacts, { outcome: 'tls-failed' | 'fails' | 'path-not-found' }>
  /** `mayWantTls`: the port may speak TLS, although connect.yaml says http. */
  | (Extract<ServiceFacts, { outcome: 'wrong-protocol' }> & { mayWantTls?: boolean })
  /**
   * There was no usable answer. The caller knows whether the service was silent or closed the connection.
   * `answer`: what the service sent inside TLS, if the answer was expected there.
   */
  | { outcome: 'nothing'; stage: 'tls' | 'protocol'; answer?: MeteredStream };
