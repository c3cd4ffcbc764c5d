import { keManageRemoteNetworks } from '../../commands/keManageRemoteNetworks.ts';
import { runKeProgram } from '../keProgram.ts';

void runKeProgram(keManageRemoteNetworks);
