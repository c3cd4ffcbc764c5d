import { keManageAccounts } from '../../commands/keManageAccounts.ts';
import { runKeProgram } from '../keProgram.ts';

void runKeProgram(keManageAccounts);
