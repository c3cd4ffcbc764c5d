import { AppError } from '../../src-shared/errors.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { runProgram } from '../../src-shared/node/runProgram.ts';

/** The options with which a console lists sockets, before its filter. */
const knownOptions = ['-Htni', 'state', 'established'];
const filterPattern = /^\( [sd]port = :\d{1,5}(?: or [sd]port = :\d{1,5})* \)$/u;

/**
 * Lists the sockets of one appliance of the lab with the machine's `ss`. `argv` begins with `ss`. Throws INVALID_INPUT for
 * other options, and rejects like `runProgram`.
 */
export async function listSockets(argv: readonly string[], address: string): Promise<string> {
  const [, ...words] = argv;
  const filter = words.at(-1) ?? '';
  const options = words.slice(0, -1);
  if (options.join(' ') !== knownOptions.join(' ') || !filterPattern.test(filter))
    throw new AppError('INVALID_INPUT', 'the lab knows no such options');
  const { stdout } = await runProgram('ss', [...options, `${filter} and src ${address}`], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    timeout: 10 * secondMs,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}
