import { createContext } from 'react';
import type { ConnectionState } from '../rpc/connection.ts';

export const ConnectionContext = createContext<ConnectionState>({ state: 'connecting' });
