import { createContext } from 'react';
import type { Connection, ConnectionState } from '../rpc/connection.ts';

export const ConnectionContext = createContext<ConnectionState>({ state: 'connecting' });

/** Ends the session in all tabs; null if the host has no sessions to end. */
export const SignOutContext = createContext<Connection['signOut']>(null);
