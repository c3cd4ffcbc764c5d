import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canConnect } from './canConnect.ts';
import { freePort } from './freePorts.ts';
import { makeSelfSigned } from './selfSigned.ts';
import { waitFor } from './waitFor.ts';

const host = '127.0.0.1';

/** A message as rsyslog read it. */
export type ReceivedMessage = {
  pri: string;
  time: string;
  host: string;
  program: string;
  pid: string;
  data: string;
  message: string;
};

function configOf(
  paths: { folder: string; cert: string; key: string; out: string },
  ports: { tls: number; relp: number; relpTls: number },
) {
  const { folder, cert, key, out } = paths;
  const fields = [
    'pri',
    'timereported:::date-rfc3339',
    'hostname',
    'app-name',
    'procid',
    'structured-data',
    'msg',
  ];
  const template = fields.map((field) => `%${field}%`).join('\\t');
  return `
global(workDirectory="${folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${cert}"
  defaultNetstreamDriverCertFile="${cert}" defaultNetstreamDriverKeyFile="${key}" parser.escapeControlCharactersOnReceive="off")
# A line is written before it is confirmed.
main_queue(queue.type="Direct")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
module(load="imrelp")
template(name="fields" type="string" string="${template}\\n")
input(type="imtcp" port="${ports.tls}" address="${host}")
input(type="imrelp" port="${ports.relp}" address="${host}")
input(type="imrelp" port="${ports.relpTls}" address="${host}" tls="on" tls.cacert="${cert}" tls.mycert="${cert}" tls.myprivkey="${key}"
  tls.authmode="certvalid")
action(type="omfile" file="${out}" template="fields" flushOnTXEnd="on")
`;
}

/** Debian's rsyslog as a receiver of syslog over TLS and of RELP with and without TLS, without privileges. */
export async function startRsyslogReceiver() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-rsyslog-'));
  const paths = {
    folder,
    cert: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
    out: join(folder, 'received'),
  };
  const own = makeSelfSigned(host);
  writeFileSync(paths.cert, own.cert);
  writeFileSync(paths.key, own.key, { mode: 0o600 });
  const ports = { tls: await freePort(), relp: await freePort(), relpTls: await freePort() };
  const config = join(folder, 'rsyslog.conf');
  writeFileSync(config, configOf(paths, ports));
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn('/usr/sbin/rsyslogd', ['-n', '-f', config, '-i', join(folder, 'pid')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    for (const port of Object.values(ports))
      await waitFor(`rsyslog listens on ${port}`, () => canConnect(host, port));
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  await start();

  return {
    host,
    ports,
    /** Its certificate, to be trusted. RELP over TLS also asks the sender for it. */
    certificateFile: paths.cert,
    keyFile: paths.key,
    received: (): ReceivedMessage[] =>
      (existsSync(paths.out) ? readFileSync(paths.out, 'utf8') : '')
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => {
          const [pri = '', time = '', from = '', program = '', pid = '', data = '', message = ''] =
            text.split('\t');
          return { pri, time, host: from, program, pid, data, message };
        }),
    start,
    end,
    stop: async (): Promise<void> => {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type RsyslogReceiver = Awaited<ReturnType<typeof startRsyslogReceiver>>;
