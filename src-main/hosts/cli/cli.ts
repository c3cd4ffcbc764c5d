import { enableCompileCache } from 'node:module';
import { userFolder } from '../../base/userFolder.ts';
import { findCompiledFolder } from './compiledFolder.ts';

/*
 * Each part is imported when it is needed: `--version` loads no command, a command loads its own modules, and services
 * load the libraries of work that few commands do when that work begins. loadedModules.test.ts holds it.
 */

// Without a folder, Node would use one in /tmp, which another user may have prepared.
const compiled = findCompiledFolder(userFolder());
if (compiled !== null) enableCompileCache(compiled);
const argv = process.argv.slice(2);
const { createOutput, handleOutputErrors } = await import('./output.ts');
handleOutputErrors();
const words = argv.filter((word) => word !== '--json');
if (words.length === 1 && ['--version', '-V', 'version'].includes(words[0] ?? '')) {
  const { printVersion } = await import('./commands/version.ts');
  printVersion(createOutput({ json: words.length < argv.length }));
} else if (argv[0] === 'complete') {
  const { complete } = await import('./completion/complete.ts');
  process.stdout.write(await complete(argv.slice(1)));
} else {
  const { runSallyport } = await import('./program.ts');
  // Sets the exit code instead of calling process.exit, so that the rest of the output still reaches a slow
  // pipe. All services are closed here, so the process ends on its own.
  process.exitCode = await runSallyport(argv);
}
