/** Identifies a tunnel. `port` 0 means the tenant itself. */
export type TunnelRef = { applianceId: string; clientId: string; port: number };

/** The key of a tunnel in maps of one appliance's tunnels. */
export const placeKey = ({ clientId, port }: Pick<TunnelRef, 'clientId' | 'port'>) => `${clientId} ${port}`;
