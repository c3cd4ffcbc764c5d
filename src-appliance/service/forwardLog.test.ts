import { expect, it } from 'vitest';
import { findListeningPorts } from './forwardLog.ts';

const header =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (at: { port: number; state: string; user: number; address?: string }) =>
  `   0: ${at.address ?? '0100007F'}:${at.port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${at.state} 00000000:00000000 00:00000000 00000000 ${`${at.user}`.padStart(5)}        0 123 1 0000000000000000 100 0 0 10 0\n`;

it('when the kernel lists sockets, finds the ports in the range that the user listens on', () => {
  const table =
    header +
    line({ port: 2200, state: '0A', user: 998 }) +
    line({ port: 2201, state: '01', user: 998 }) +
    line({ port: 2202, state: '0A', user: 0 }) +
    line({ port: 22, state: '0A', user: 998 }) +
    line({ port: 5199, state: '0A', user: 998, address: '00000000000000000000000001000000' }).replace(
      '00000000:0000',
      '00000000000000000000000000000000:0000',
    );
  expect(findListeningPorts(table, { userId: 998, range: { first: 2200, last: 5199 } })).toEqual([
    2200, 5199,
  ]);
});
