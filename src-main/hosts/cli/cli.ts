import { enableCompileCache } from 'node:module';
import { userFolder } from '../../base/userFolder.ts';
import { findCompiledFolder } from './compiledFolder.ts';

// Without a folder, Node would use one in /tmp, which another user may have prepared.
const compiled = findCompiledFolder(userFolder());
if (compiled !== null) enableCompileCache(compiled);
const { handleOutputErrors } = await import('./output.ts');
handleOutputErrors();
const { runSallyport } = await import('./program.ts');
// Sets the exit code instead of calling process.exit, so that the rest of the output still reaches a slow
// pipe. All services are closed here, so the process ends on its own.
process.exitCode = await runSallyport(process.argv.slice(2));
