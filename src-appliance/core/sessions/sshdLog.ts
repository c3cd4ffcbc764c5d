import { open } from 'node:fs/promises';
import { markPadding } from '../../../src-shared/base/padding.ts';
import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { maxRefusedLogins } from '../../../src-shared/model/tenants/listLimits.ts';
import type { RefusedLogin } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { hourMs, minuteMs } from '../../../src-shared/base/time.ts';

/** A line that sshd logged. `at` is epoch milliseconds by the appliance's clock. */
export type SshdLine = { at: number; message: string; line: string; times: number };

/**
 * Maximum number of bytes that are read from the end of the log, so that listing is fast for a log of any
 * size. They contain thousands of sshd's lines **[ours]**.
 */
const maxTailBytes = 512 * 1024;
const windowMs = hourMs;
/** How far a line may be ahead of the clock, because the clock may have been set back. */
const maxAheadMs = minuteMs;
const maxText = 2048;

type KeyOwner = { fingerprint: string; clientId: string };

/** Reads the last `maxBytes` bytes of a file, from the start of a line. Empty if there is no such file. */
async function readTail(path: string, maxBytes: number): Promise<{ text: string; isWhole: boolean }> {
  const nothing = { text: '', isWhole: true };
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return nothing;
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - maxBytes);
    const buffer = Buffer.alloc(Math.min(size, maxBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return start === 0
      ? { text, isWhole: true }
      : { text: text.slice(text.indexOf('\n') + 1), isWhole: false };
  } catch {
    return nothing;
  } finally {
    await file.close();
  }
}

/** Since OpenSSH 9.8, the process of a connection has its own name. */
const programs: ReadonlySet<string | null> = new Set(['sshd', 'sshd-session']);

/**
 * sshd's lines of the last hour from the end of the syslog, oldest first. Reads the rotated file too if the
 * present one is short.
 */
export async function readSshdLines(syslog: string, now: number): Promise<SshdLine[]> {
  const latest = await readTail(syslog, maxTailBytes);
  const room = maxTailBytes - Buffer.byteLength(latest.text);
  const rotated = latest.isWhole && room > 0 ? (await readTail(`${syslog}.1`, room)).text : '';
  // sshd and the syslog write local time.
  const context = { receivedAt: now, zoneOffsetMinutes: -new Date(now).getTimezoneOffset() };
  const seen = new Set<string>();
  return markPadding(`${rotated}${latest.text}`)
    .split('\n')
    .flatMap((line) => {
      // If rsyslog has two rules, it may write a line twice. Identical lines (same second, connection and text)
      // are one event.
      if (!line.includes('sshd') || seen.has(line)) return [];
      seen.add(line);
      const parsed = parseSyslogLine(line, context);
      const at = parsed.time === null ? Number.NaN : Date.parse(parsed.time);
      if (!programs.has(parsed.program) || !(at >= now - windowMs && at <= now + maxAheadMs)) return [];
      const message = parsed.message.trimEnd();
      const repeated = /^message repeated (\d{1,6}) times: \[ (.*)\]$/s.exec(message);
      return [{ at, message: repeated?.[2] ?? message, line, times: Number(repeated?.[1] ?? 1) }];
    });
}

/**
 * Refused keys of the connect user, by key and address, newest first. Patterns match from the start of the
 * message, because the client chooses the user name. sshd writes `invalid user` before an unknown name.
 */
export function findRefusedLogins(
  lines: readonly SshdLine[],
  known: { connectUser: string; formerKeys: readonly KeyOwner[]; keys: readonly KeyOwner[] },
): RefusedLogin[] {
  const refusal = new RegExp(
    `^Failed publickey for ${known.connectUser} from ([^\\s]{1,64}) port \\d{1,5} ssh2: ([A-Z0-9-]{1,32}) (SHA256:[A-Za-z0-9+/]{43})(?: |$)`,
  );
  const found = new Map<string, RefusedLogin>();
  for (const { at, message, line, times } of lines) {
    const [, peerAddress, keyType, fingerprint] = refusal.exec(message) ?? [];
    if (peerAddress === undefined || keyType === undefined || fingerprint === undefined) continue;
    const name = `${peerAddress} ${fingerprint}`;
    const count = (found.get(name)?.count ?? 0) + times;
    const findOwner = (keys: readonly KeyOwner[]) =>
      keys.find((key) => key.fingerprint === fingerprint)?.clientId ?? null;
    const keyOf = findOwner(known.keys);
    found.delete(name);
    found.set(name, {
      fingerprint,
      keyType,
      peerAddress,
      count,
      lastAt: new Date(at).toISOString(),
      formerKeyOf: keyOf === null ? findOwner(known.formerKeys) : null,
      keyOf,
      line: line.trimEnd().slice(0, maxText),
    });
  }
  return [...found.values()].toReversed().slice(0, maxRefusedLogins);
}

/** Why sshd ended a connection, according to its messages about this peer. Null if there are none. */
export function findEndReason(
  lines: readonly SshdLine[],
  peer: { address: string; port: number },
): string | null {
  const place = `${peer.address} port ${peer.port}`;
  for (const { message } of lines.toReversed()) {
    if (!message.includes(place)) continue;
    const behind = message.slice(message.indexOf(place) + place.length);
    if (/^\d/.test(behind)) continue;
    if (message.startsWith('Timeout, client not responding')) return 'the client stopped answering';
    if (message.startsWith('Received disconnect from')) return 'the client disconnected';
    if (message.startsWith('Connection reset by')) return 'the connection was reset';
    if (message.startsWith('Connection closed by'))
      return 'the client closed the connection without a message';
    if (message.startsWith('Read error from remote host') || message.includes('Connection timed out'))
      return 'the network connection was lost';
  }
  return null;
}
