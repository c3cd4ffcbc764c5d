import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { secondMs } from '../src-shared/base/time.ts';

const run = promisify(execFile);

/** A captured packet: when it was seen (epoch ms), and tcpdump's description. */
export type Packet = { at: number; text: string };

/**
 * Captures all IP packets of a network device with tcpdump, in this network namespace or in that of the process `pid`.
 * `any` means all devices. Needs root.
 */
export async function startCapture(options: { device: string; pid?: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-capture-'));
  const file = join(folder, 'packets.pcap');
  const enter = options.pid === undefined ? [] : ['nsenter', `--net=/proc/${options.pid}/ns/net`];
  const tcpdump = ['tcpdump', '-i', options.device, '-n', '-U', '-Z', 'root', '-w', file, 'ip'];
  const [program = '', ...words] = [...enter, ...tcpdump];
  const capture = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(capture, 'close');
  await new Promise<void>((resolve, reject) => {
    let said = '';
    capture.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listening on')) resolve();
    });
    capture.once('close', () => reject(new Error(`tcpdump ended: ${said}`)));
  });
  return {
    /** The packets so far that a filter of tcpdump selects, oldest first. */
    packets: async (filter = ''): Promise<Packet[]> => {
      const { stdout } = await run('tcpdump', ['-tt', '-n', '-Z', 'root', '-r', file, filter]);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((text) => ({ at: Number.parseFloat(text) * secondMs, text }));
    },
    stop: async () => {
      capture.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
