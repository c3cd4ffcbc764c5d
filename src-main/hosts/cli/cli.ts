import { enableCompileCache } from 'node:module';

enableCompileCache();
const { handleOutputErrors } = await import('./output.ts');
handleOutputErrors();
const { runSallyport } = await import('./program.ts');
// Not process.exit: the output must reach a slow pipe first. All services are closed by now.
process.exitCode = await runSallyport(process.argv.slice(2));
