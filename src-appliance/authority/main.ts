import { runAuthority } from './cli/program.ts';

process.stdout.on('error', () => process.exit(1));
process.exitCode = await runAuthority(process.argv.slice(2));
