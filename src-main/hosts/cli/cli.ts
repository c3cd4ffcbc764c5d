import { enableCompileCache } from 'node:module';

enableCompileCache();
const { handleOutputErrors } = await import('./output.ts');
handleOutputErrors();
const { runSallyport } = await import('./program.ts');
// Not process.exit: what was printed must reach a slow pipe first, and every service has been closed by now.
process.exitCode = await runSallyport(process.argv.slice(2));
