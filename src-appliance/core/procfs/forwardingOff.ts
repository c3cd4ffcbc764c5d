import { secondMs } from '../../../src-shared/base/time.ts';
import { runProgram } from '../../../src-shared/node/runProgram.ts';

/** Settings of sshd with the value that permits no remote forward, as `sshd -T` prints them. */
const forbidding: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['DisableForwarding', ['yes']],
  ['AllowTcpForwarding', ['no', 'local']],
  ['PermitListen', ['none']],
];

/** The first setting in the output of `sshd -T` that forbids remote forwards. Null if no setting does. */
export function findForbiddingSetting(output: string): string | null {
  for (const [name, values] of forbidding) {
    const value = new RegExp(`^${name} (.{1,40})$`, 'imu').exec(output)?.[1];
    if (value !== undefined && values.includes(value)) return `${name} is ${value}`;
  }
  return null;
}

/** Reads the settings that sshd has for this user. They may be newer than those of a session. Needs root rights. */
export async function findForwardingOff(connectUser: string): Promise<string | null> {
  const connection = `user=${connectUser},host=x,addr=127.0.0.1,laddr=127.0.0.1,lport=22`;
  try {
    const { stdout } = await runProgram('/usr/sbin/sshd', ['-T', '-C', connection], {
      timeout: 3 * secondMs,
    });
    return findForbiddingSetting(stdout);
  } catch {
    // sshd refuses its settings. Then nothing is known about forwards.
    return null;
  }
}
