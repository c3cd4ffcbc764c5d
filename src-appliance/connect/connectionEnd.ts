/**
 * How a connection ended.
 *
 *   denied    the appliance does not accept the key: removed, replaced or suspended
 *   host-key  the appliance's host key is not the expected one
 *   renew     the allotment grew; a new login gets the new ports
 *   lost      any other reason; `welcomed`: the connection had worked
 *   stopped   by a command or a signal
 */
export type ConnectionEnd = {
  kind: 'denied' | 'host-key' | 'renew' | 'lost' | 'stopped';
  message: string;
  welcomed: boolean;
  /** From the welcome to the end. */
  livedMs: number;
  /** The period over which the appliance wants its tenants to reconnect; null if it announced none. */
  spreadMs: number | null;
};

/** Ends the connection. Only the first reason counts. */
export type Finish = (kind: ConnectionEnd['kind'], message: string) => void;
