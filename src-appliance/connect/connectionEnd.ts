/**
 * How a connection ended.
 *
 *   denied    the appliance does not accept the key: removed, replaced or suspended
 *   host-key  the appliance's host key is not the expected one
 *   renew     more ports were allotted, and sshd permits them only to a new login
 *   lost      any other reason; `welcomed`: the appliance had sent its welcome
 *   stopped   by a command or a signal
 */
export type ConnectionEnd = {
  kind: 'denied' | 'host-key' | 'renew' | 'lost' | 'stopped';
  message: string;
  welcomed: boolean;
  /** Time from the appliance's welcome to the end of the connection; 0 without a welcome. */
  livedMs: number;
  /**
   * The time over which the appliance asks its tenants to spread their reconnects. Null if it asks for none.
   */
  spreadMs: number | null;
};

/** Ends the connection. If it is called again, the first reason is kept. */
export type FinishConnection = (kind: ConnectionEnd['kind'], message: string) => void;
