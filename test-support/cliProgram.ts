import { join } from 'node:path';

/** The built command line, which users run too. `buildPrograms.ts` builds it before the integration tests. */
export const cliProgram = join(import.meta.dirname, '../out/desktop/cli.js');
