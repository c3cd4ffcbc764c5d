import { keUpdateConfiguration } from '../../commands/keUpdateConfiguration.ts';
import { runKeProgram } from '../keProgram.ts';

void runKeProgram(keUpdateConfiguration);
