import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { hourMs, minuteMs, secondMs } from '../src-shared/base/time.ts';
import { formatSyslogLine, type SyslogEntry } from '../src-appliance/lab/syslogFile.ts';

/** Lines that the lab writes at its start reach back less than this. */
const minAgeMs = 90 * minuteMs;
const firstSession = { pid: 1207, peer: '10.4.0.7 port 51022' };
const secondSession = { pid: 8812, peer: '10.4.0.7 port 52144' };
const port = 2204;

/** Ten past one of these hours is over since 1.5 to 7.5 hours, at any time of the day. */
const hours = [21, 15, 9, 3];

/** When the outage was, in epoch milliseconds: within the last 24 hours, and by the clock not again since then. */
function findLastNight(now: number): number {
  const times = [0, 1].flatMap((daysAgo) =>
    hours.map((hour) => {
      const at = new Date(now);
      at.setDate(at.getDate() - daysAgo);
      return at.setHours(hour, 10, 0, 0);
    }),
  );
  return times.find((at) => now - at >= minAgeMs) ?? now;
}

/** A time of the clock, e.g. `03:10`. */
function formatClock(time: number): string {
  const at = new Date(time);
  return [at.getHours(), at.getMinutes()].map((part) => `${part}`.padStart(2, '0')).join(':');
}

/** The fingerprint of the key that the tenant's Connect has. */
function readFingerprint(labFolder: string, clientId: string): string {
  const file = join(labFolder, 'sites', clientId, 'connect', 'ssh_key.priv');
  const key = ssh2.utils.parseKey(readFileSync(file));
  if (key instanceof Error) throw key;
  const hash = createHash('sha256').update(key.getPublicSSH()).digest('base64');
  return `SHA256:${hash.replace(/=+$/u, '')}`;
}

/** What sshd and the kit write about a client that loses its network, logs in again, and finds its port held. */
function listOutage(
  night: number,
  { clientId, fingerprint }: { clientId: string; fingerprint: string },
): SyslogEntry[] {
  const sshd = (seconds: number, { pid }: { pid: number }, message: string): SyslogEntry => ({
    program: 'sshd',
    pid,
    message,
    at: night + seconds * secondMs,
  });
  const login = (seconds: number, session: typeof firstSession): SyslogEntry[] => [
    sshd(
      seconds,
      session,
      `Accepted publickey for connect from ${session.peer} ssh2: ED25519 ${fingerprint}`,
    ),
    sshd(
      seconds,
      session,
      'pam_unix(sshd:session): session opened for user connect(uid=997) by connect(uid=0)',
    ),
  ];
  const forward = (seconds: number, what: 'opened' | 'closed'): SyslogEntry => ({
    program: 'sallyport',
    pid: 640,
    message: `forward ${what}: tenant ${clientId}, port ${port}, to cmis+https://cmis.nw.lan (docs/cmis)`,
    at: night + seconds * secondMs,
  });
  return [
    ...login(-4320, firstSession),
    forward(-4319, 'opened'),
    ...login(-5, secondSession),
    sshd(-5, secondSession, `error: bind [127.0.0.1]:${port}: Address already in use`),
    sshd(-5, secondSession, `error: channel_setup_fwd_listener_tcpip: cannot listen to port: ${port}`),
    sshd(100, firstSession, `Timeout, client not responding from user connect ${firstSession.peer}`),
    sshd(100, firstSession, 'pam_unix(sshd:session): session closed for user connect'),
    forward(100, 'closed'),
    forward(123, 'opened'),
  ];
}

/** Requests of the appliance's API through the tunnel, and other programs: what surrounds the outage. */
function listTraffic(night: number, clientId: string): SyslogEntry[] {
  const entries: SyslogEntry[] = [];
  for (let at = night - 2 * hourMs; at < night + hourMs; at += 7 * secondMs) {
    const isDown = at > night - 80 * secondMs && at < night + 123 * secondMs;
    const answer = isDown ? 'error: no answer in 3 s, 3000 ms' : 'GET /cmisatom 200, 784 bytes, 38 ms';
    entries.push(
      {
        program: 'ke_api',
        pid: 812,
        severity: isDown ? 'err' : 'info',
        message: `${clientId}/cmis 127.0.0.1:${port} cmis: ${answer}`,
        at,
      },
      {
        program: 'ke_worker',
        pid: 819,
        message: `job ${at % 1_000_000} files.index done in 24 ms`,
        at: at + 3 * secondMs,
      },
    );
  }
  return entries;
}

/**
 * Writes the rotated log of a lab's appliance, so that it tells of an outage. With 03:10 as its time: at 03:08:40 a tenant's
 * network is lost, at 03:09:55 the tenant logs in again, and the old session holds its port until 03:11:40. Returns the time
 * between, 03:10, and the times 5 minutes before and after it.
 */
export function writeLastNight(options: { labFolder: string; appliance: string; clientId: string }): {
  at: string;
  from: string;
  to: string;
} {
  const { labFolder, appliance, clientId } = options;
  const night = findLastNight(Date.now());
  const fingerprint = readFingerprint(labFolder, clientId);
  const entries = [...listOutage(night, { clientId, fingerprint }), ...listTraffic(night, clientId)].toSorted(
    (a, b) => (a.at ?? 0) - (b.at ?? 0),
  );
  const lines = entries.map((entry) =>
    formatSyslogLine({ entry, host: appliance, format: 'iso', at: entry.at ?? 0 }),
  );
  appendFileSync(join(labFolder, appliance, 'var', 'log', 'syslog.1'), lines.join(''));
  const [at = '', from = '', to = ''] = [0, -5, 5].map((minutes) => formatClock(night + minutes * minuteMs));
  return { at, from, to };
}
