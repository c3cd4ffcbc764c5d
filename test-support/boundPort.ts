import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Binds and waits; Node itself can't bind a TCP port without listening on it. */
const program = `
use Socket;
socket(my $socket, PF_INET, SOCK_STREAM, 0) or die $!;
bind($socket, sockaddr_in($ARGV[0], inet_aton("127.0.0.1"))) or die $!;
$| = 1;
print "bound\\n";
sleep 600;
`;

/** Takes a port of loopback so that nobody else can bind it, though nothing listens there. */
export async function bindWithoutListening(port: number): Promise<{ stop: () => Promise<void> }> {
  const holder = spawn('perl', ['-e', program, `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => {
      throw new Error(`port ${port} could not be bound`);
    }),
  ]);
  return {
    stop: async () => {
      holder.kill('SIGKILL');
      await ended;
    },
  };
}
