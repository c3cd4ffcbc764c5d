import { once } from 'node:events';
import type { BoxSystem } from './boxSystem.ts';

/**
 * A program that binds the port until its stdin ends. Node can't do this, because it always listens on a
 * bound TCP port.
 */
const program = `
use Socket;
socket(my $socket, PF_INET, SOCK_STREAM, 0) or die $!;
bind($socket, sockaddr_in($ARGV[0], inet_aton("127.0.0.1"))) or die $!;
$| = 1;
print "bound\\n";
<STDIN>;
`;

/** Binds a port on the loopback of a box without listening, so that no other program can bind it. */
export async function bindWithoutListening(
  system: BoxSystem,
  port: number,
): Promise<{ stop: () => Promise<void> }> {
  const holder = system.start(['perl', '-e', program, `${port}`], { user: 'daemon' });
  const { stdin, stdout } = holder;
  if (stdin === null || stdout === null) throw new Error('a box has no pipes');
  const ended = once(holder, 'exit');
  await Promise.race([
    once(stdout, 'data'),
    ended.then(() => {
      throw new Error(`port ${port} could not be bound`);
    }),
  ]);
  return {
    stop: async () => {
      stdin.end();
      await ended;
    },
  };
}
