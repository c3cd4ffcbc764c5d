import { keManageRemoteNetworks } from '../../commands/keManageRemoteNetworks.ts';
import { runKeProgram } from '../keProgram.ts';

await runKeProgram(keManageRemoteNetworks);
