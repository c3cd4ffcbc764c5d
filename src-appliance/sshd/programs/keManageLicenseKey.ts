import { keManageLicenseKey } from '../../commands/keManageLicenseKey.ts';
import { runKeProgram } from '../keProgram.ts';

await runKeProgram(keManageLicenseKey);
