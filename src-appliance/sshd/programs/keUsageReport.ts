import { keUsageReport } from '../../commands/keUsageReport.ts';
import { runKeProgram } from '../keProgram.ts';

void runKeProgram(keUsageReport);
