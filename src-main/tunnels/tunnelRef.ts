/** A tunnel of an appliance. `port` 0 is the tenant itself. */
export type TunnelRef = { applianceId: string; clientId: string; port: number };

/** Identifies a tunnel among those of its appliance. */
export const placeKey = ({ clientId, port }: Pick<TunnelRef, 'clientId' | 'port'>) => `${clientId} ${port}`;
