import { keStatus } from '../../commands/keStatus.ts';
import { runKeProgram } from '../keProgram.ts';

void runKeProgram(keStatus);
