import { keStatus } from '../../commands/keStatus.ts';
import { runKeProgram } from '../keProgram.ts';

await runKeProgram(keStatus);
