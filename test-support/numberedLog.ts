import type { BoxSystem } from './boxSystem.ts';

const path = '/var/log/syslog';

/** How logrotate treats the log. `copytruncate` may drop lines that are written while it copies. */
export type RotationRule = 'compress' | 'delaycompress' | 'copytruncate';

export const numbersIn = (text: string): number[] =>
  [...text.matchAll(/ number (\d{7}) of the test$/gmu)].map(([, digits]) => Number(digits));

/** Writes numbered lines through the rsyslog of `system`, and rotates its log with Debian's logrotate. */
export function createNumberedLog(system: BoxSystem) {
  let next = 0;
  const rotated = `${path}.*`;
  return {
    write: async (count: number): Promise<void> => {
      const from = next;
      next += count;
      const script = `seq -f 'number %07.0f of the test' ${from} ${next - 1} | logger --tag counter`;
      await system.mustRun(['sh', '-c', script]);
    },
    written: () => next,
    rotate: async (rules: readonly RotationRule[]): Promise<void> => {
      const hup = rules.includes('copytruncate') ? [] : ['postrotate', 'pkill -HUP -x rsyslogd', 'endscript'];
      const text = [`${path} {`, 'rotate 99', 'create 0640 root adm', ...rules, ...hup, '}', ''].join('\n');
      const script =
        'umask 077; cat >/tmp/rotate.conf; logrotate --force --state /tmp/rotate.state /tmp/rotate.conf';
      await system.mustRun(['sh', '-c', script], { stdin: text });
    },
    /** The numbers in all files of the log, in their order. */
    numbersOnServer: async (): Promise<number[]> => {
      const script = `for file in $(ls -v -r ${path}*); do case $file in *.gz) gzip -dc $file ;; *) cat $file ;; esac; done`;
      return numbersIn(await system.mustRun(['sh', '-c', script]));
    },
    deleteRotated: () => system.mustRun(['sh', '-c', `rm -f ${rotated}`]),
  };
}

export type NumberedLog = ReturnType<typeof createNumberedLog>;
