import type { BoxSystem } from '../test-support/boxSystem.ts';

/** Writes lines as rsyslog does, ten times a second, until its input ends. Then prints how many. */
const program = String.raw`
use IO::Handle;
use POSIX qw(strftime);
use Time::HiRes qw(time);
open my $log, ">>", "/var/log/syslog" or die;
$log->autoflush(1);
my ($rate, $number, $begun) = ($ARGV[0], 0, time);
my $inputs = "";
vec($inputs, 0, 1) = 1;
until (select(my $ready = $inputs, undef, undef, 0.1)) {
  my ($now, $text) = (time, "");
  while ($number < ($now - $begun) * $rate) {
    my $stamp = strftime("%Y-%m-%dT%H:%M:%S", gmtime $now) . sprintf(".%06dZ", ($now - int $now) * 1e6);
    $text .= "$stamp kiln-01 bench[7]: tenant northwind sent request $number with a line of ordinary length to port 4007\n";
    $number += 1;
  }
  print $log $text;
}
print "$number\n";
`;

/** Writes to the syslog of a box at a steady rate, in lines each second. `stop` resolves with the number of lines. */
export function startLineWriter(system: BoxSystem, rate: number) {
  const writing = system.start(['perl', '-e', program, String(rate)]);
  let printed = '';
  writing.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise((resolve) => writing.once('close', resolve));
  return {
    stop: async (): Promise<number> => {
      writing.stdin?.end();
      await ended;
      return Number(printed);
    },
  };
}
