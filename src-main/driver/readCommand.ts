import type { Readable } from 'node:stream';
import { AppError } from '../../src-shared/errors.ts';
import { findSudoRefusal, withShellExitCode } from '../ssh/session/privilege.ts';
import type { Session } from '../ssh/types.ts';
import { assertSucceeded, commandMissingError } from './exitCodes.ts';

/** Error output is usually a few lines. */
const maxErrorBytes = 64 * 1024;

/** Reads error output while the command runs, so that it never has to wait. */
function collectErrors(stderr: Readable): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stderr.on('data', (chunk: Buffer) => {
    if (size < maxErrorBytes) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, maxErrorBytes).toString('utf8');
}

/**
 * The exact bytes that a command prints, as they come. The end throws if the command failed: like `assertSucceeded`,
 * LINK_LOST, SUDO_REFUSED, or COMMAND_MISSING. No error quotes the output.
 */
export async function* readCommand(options: {
  session: Pick<Session, 'stream'>;
  argv: readonly string[];
  privileged: boolean;
  isInstalled: (program: string) => Promise<boolean>;
  /** Ends the command, also while it prints nothing. */
  signal?: AbortSignal;
}): AsyncGenerator<Buffer, void, void> {
  const { session, argv, privileged } = options;
  const command = argv.slice(0, 2).join(' ');
  const process = await session.stream({ argv, privileged });
  const end = () => process.kill();
  options.signal?.addEventListener('abort', end, { once: true });
  try {
    if (options.signal?.aborted === true) return;
    const errors = collectErrors(process.stderr);
    for await (const chunk of process.stdout) yield Buffer.from(chunk);
    const ended = await process.exited;
    if (ended.exitCode === null && ended.signal === null)
      throw new AppError('LINK_LOST', `The link was lost before ${command} had ended.`);
    const result = withShellExitCode({ ...ended, stdout: '', stderr: errors() });
    const refusal = privileged ? findSudoRefusal(result) : null;
    if (refusal !== null) {
      const [program = ''] = argv;
      if (!(await options.isInstalled(program))) throw commandMissingError(program, {});
      throw new AppError('SUDO_REFUSED', `sudo refused ${command}: ${refusal}`);
    }
    assertSucceeded(command, result, { mayQuoteOutput: false });
  } finally {
    options.signal?.removeEventListener('abort', end);
    process.kill();
  }
}
