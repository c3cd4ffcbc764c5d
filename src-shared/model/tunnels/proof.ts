import { tunnelCodes, type TunnelCode } from './tunnelCodes.ts';
import type { ProofKind } from './tunnelCodes/tunnelCode.ts';
import type { RefusedLogIn, Tenant } from '../tenants/remoteNetworks.ts';
import type { ParsedLine } from '../syslog/syslogParse.ts';

/** A line as it stands in the log, and what could be read off it. */
export type LogLine = { text: string; parsed: Pick<ParsedLine, 'time' | 'program' | 'pid' | 'message'> };

const maxLines = 20;

/** What a line is about, by sshd's and the kit's own words; the first that fits. */
const kinds = [
  [
    'refused',
    /Failed publickey|Connection (?:closed|reset) by authenticating user|refused log-?in|not registered|Too many authentication failures|Invalid user|Permission denied/iu,
  ],
  ['accepted', /Accepted publickey|session opened|session began|announced/iu],
  [
    'ended',
    /Disconnect(?:ed|ing)?\b|Received disconnect|Timeout, client not responding|Connection (?:closed|reset)|session closed|session ended|Broken pipe|heartbeat|silent/iu,
  ],
  [
    'listener',
    /cannot listen|Address already in use|remote forward|forwarding (?:request )?(?:denied|failed)|request was denied|bind \[|bound|quota|allotted|released/iu,
  ],
  ['upstream', /open failed|connect failed|connect_to |Connection refused/iu],
  ['change', /\bke_\w+|suspended|resumed|removed|replaced|changed/iu],
] as const satisfies readonly (readonly [ProofKind, RegExp])[];

const kindOf = (message: string) => kinds.find(([, pattern]) => pattern.test(message))?.[0];

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/** Matches any of `words`, not as a part of a longer name or number. */
function wholeWord(words: readonly string[]): RegExp | null {
  if (words.length === 0) return null;
  return new RegExp(`(?<![\\w.-])(?:${words.map(escaped).join('|')})(?![\\w-]|\\.\\w)`, 'u');
}

/** One TCP connection, as all of sshd's messages name it. */
const endpointPattern = /(?<![\w.:])[0-9a-fA-F.:]+(?:%\w+)? port \d+/u;
const begins = /^(?:Accepted|Connection from|Failed publickey) /u;

/**
 * The lines that agree with a verdict on one tenant's tunnel, oldest first, the newest twenty. sshd names no tenant: who
 * a line is about follows from the key that was accepted or refused, and from there from its process and connection.
 */
export function proofLines(input: {
  code: TunnelCode;
  port: number | null;
  tenant: Tenant;
  /** Of this tenant, as the verdict rests on them. */
  refused: readonly RefusedLogIn[];
  lines: readonly LogLine[];
}): LogLine[] {
  const { code, port, tenant, lines } = input;
  const wanted = tunnelCodes[code].proof;
  if (wanted.length === 0) return [];
  const fingerprints = [
    ...tenant.keys.map((key) => key.fingerprint),
    ...input.refused.map((one) => one.fingerprint),
  ];
  const own = wholeWord([tenant.clientId]);
  const refusedTexts = new Set(input.refused.map((one) => one.line));
  const portText =
    port === null ? null : wholeWord([`port ${port}`, `port: ${port}`, `:${port}`, `forward ${port}`]);
  const pids = new Set(tenant.sessions.map((session) => session.pid));
  const endpoints = new Set(
    tenant.sessions.flatMap((session) =>
      session.peerAddress === null || session.peerPort === null
        ? []
        : [`${session.peerAddress} port ${session.peerPort}`],
    ),
  );

  const isOfSshd = ({ parsed }: LogLine) => parsed.program?.startsWith('sshd') === true;
  const isAbout = (line: LogLine): boolean => {
    const { parsed, text } = line;
    const endpoint = endpointPattern.exec(parsed.message)?.[0];
    const named =
      own?.test(parsed.message) === true ||
      fingerprints.some((fingerprint) => parsed.message.includes(fingerprint)) ||
      refusedTexts.has(text);
    // Numbers are used again: whoever begins with one anew is somebody else until told otherwise.
    if (!named && begins.test(parsed.message)) {
      if (parsed.pid !== null) pids.delete(parsed.pid);
      if (endpoint !== undefined && parsed.message.startsWith('Accepted')) endpoints.delete(endpoint);
    }
    if (named) {
      if (parsed.pid !== null && isOfSshd(line)) pids.add(parsed.pid);
      if (endpoint !== undefined) endpoints.add(endpoint);
      return true;
    }
    // Who changes a tenant names it; a port or a process in such a line may be anybody's.
    if (kindOf(parsed.message) === 'change' || parsed.program?.startsWith('ke_') === true) return false;
    if (endpoint !== undefined && endpoints.has(endpoint)) {
      if (parsed.pid !== null && isOfSshd(line)) pids.add(parsed.pid);
      return true;
    }
    if (parsed.pid !== null && isOfSshd(line) && pids.has(parsed.pid)) return true;
    return portText?.test(parsed.message) === true;
  };
  // Each line may name what later ones are told by, so all are asked.
  const about = lines.filter(isAbout).flatMap((line) => {
    const kind = kindOf(line.parsed.message);
    return kind !== undefined && wanted.includes(kind) ? [{ line, kind }] : [];
  });
  return mostTelling(about, wanted[0]);
}

/** Two lines that differ in numbers only say the same. */
const shapeOf = (message: string) => message.replaceAll(/\d+/gu, '#');

/**
 * The newest lines, in the order of the log, but so that what is said over and over pushes out nothing else: first the
 * newest line of each that say the same, those that decide before the others.
 */
function mostTelling(
  about: readonly { line: LogLine; kind: ProofKind }[],
  deciding: ProofKind | undefined,
): LogLine[] {
  if (about.length <= maxLines) return about.map(({ line }) => line);
  const newestFirst = about.toReversed();
  const newest = new Map<string, (typeof about)[number]>();
  for (const one of newestFirst) {
    const shape = shapeOf(one.line.parsed.message);
    if (!newest.has(shape)) newest.set(shape, one);
  }
  const firsts = [...newest.values()];
  const chosen = new Set(
    [
      ...firsts.filter(({ kind }) => kind === deciding),
      ...firsts.filter(({ kind }) => kind !== deciding),
      ...newestFirst.filter((one) => !firsts.includes(one)),
    ].slice(0, maxLines),
  );
  return about.filter((one) => chosen.has(one)).map(({ line }) => line);
}
