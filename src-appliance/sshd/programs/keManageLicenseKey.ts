import { keManageLicenseKey } from '../../commands/keManageLicenseKey.ts';
import { runKeProgram } from '../keProgram.ts';

void runKeProgram(keManageLicenseKey);
