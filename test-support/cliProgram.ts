import { join } from 'node:path';

/** The built command line, which users run too. `npm test` builds it before the tests, and so does `buildPrograms.ts`. */
export const cliProgram = join(import.meta.dirname, '../out/desktop/cli.js');
