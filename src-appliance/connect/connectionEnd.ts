/**
 * How a connection ended.
 *
 *   denied    the appliance does not accept the key: removed, replaced or suspended
 *   host-key  the appliance is not the one it was
 *   renew     the allotment grew; a new log-in gets the new ports
 *   lost      anything else; `welcomed` says whether it had worked
 *   stopped   asked to
 */
export type ConnectionEnd = {
  kind: 'denied' | 'host-key' | 'renew' | 'lost' | 'stopped';
  message: string;
  welcomed: boolean;
  /** From the welcome to the end. */
  livedMs: number;
  /** Over how long the appliance wants its tenants to come back; null where it did not say. */
  spreadMs: number | null;
};

/** Ends the connection; the first reason counts. */
export type Finish = (kind: ConnectionEnd['kind'], message: string) => void;
