import { tunnelCodes, type TunnelCode } from './tunnelCodes.ts';
import type { LayerName, ProofKind } from './tunnelCodes/tunnelCode.ts';
import { secondMs } from '../../base/time.ts';
import type { RefusedLogin, Tenant } from '../tenants/remoteNetworks.ts';
import type { ParsedLine } from '../syslog/syslogParse.ts';

/** An unchanged log line and the fields that could be read from it. */
export type LogLine = {
  text: string;
  parsed: Pick<ParsedLine, 'time' | 'program' | 'pid' | 'message'>;
  /** Whether the line has no time zone and that of the appliance is unknown, so that its time may be hours off. */
  isTimeGuessed?: () => boolean;
};

const maxLines = 20;

/** Kinds of log lines with the messages of sshd and the kit that belong to each. The first match wins. */
const kinds = [
  [
    'refused',
    /Failed publickey|Connection (?:closed|reset) by authenticating user|refused log-?in|not registered|Too many authentication failures|Invalid user|Permission denied|not allowed because|Access denied for user|\(sshd:account\)|AuthorizedKeysCommand|MaxStartups|\bfork\b/iu,
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

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/** A pattern that matches any of `words`, except as part of a longer name or number. */
function wholeWord(words: readonly string[]): RegExp | null {
  if (words.length === 0) return null;
  return new RegExp(`(?<![\\w.-])(?:${words.map(escapeRegExp).join('|')})(?![\\w-]|\\.\\w)`, 'u');
}

/** The part of sshd's messages that identifies a TCP connection. */
const endpointPattern = /(?<![\w.:])[0-9a-fA-F.:]+(?:%\w+)? port \d+/u;
const beginsConnection = /^(?:Accepted|Connection from|Failed publickey) /u;

/** Whether a command of the appliance logged it. It may name a quota or a port, too. */
const isChange = ({ parsed }: LogLine) =>
  kindOf(parsed.message) === 'change' || parsed.program?.startsWith('ke_') === true;

const isOfSshd = ({ parsed }: LogLine) => parsed.program?.startsWith('sshd') === true;

type Subject = {
  port: number | null;
  tenant: Tenant;
  /** The refused logins that led to the diagnosis. A refusal by the appliance itself has no fingerprint. */
  refused: readonly (Pick<RefusedLogin, 'line'> & Partial<Pick<RefusedLogin, 'fingerprint'>>)[];
};

/**
 * Returns a function that says whether a log line concerns the tenant or its port. Call it with every line,
 * oldest first, because each may identify processes and connections that later lines refer to.
 */
function createTenantMatcher({ port, tenant, refused }: Subject): (line: LogLine) => boolean {
  const fingerprints = [
    ...tenant.keys.map((key) => key.fingerprint),
    ...refused.flatMap(({ fingerprint }) => fingerprint ?? []),
  ];
  const own = wholeWord([tenant.clientId]);
  const refusedTexts = new Set(refused.map((login) => login.line));
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

  return (line) => {
    const { parsed, text } = line;
    const endpoint = endpointPattern.exec(parsed.message)?.[0];
    const named =
      own?.test(parsed.message) === true ||
      fingerprints.some((fingerprint) => parsed.message.includes(fingerprint)) ||
      refusedTexts.has(text);
    // Process numbers and ports are reused. If a new connection doesn't name this tenant, it belongs to
    // another tenant.
    if (!named && beginsConnection.test(parsed.message)) {
      if (parsed.pid !== null) pids.delete(parsed.pid);
      if (endpoint !== undefined && parsed.message.startsWith('Accepted')) endpoints.delete(endpoint);
    }
    if (named) {
      if (parsed.pid !== null && isOfSshd(line)) pids.add(parsed.pid);
      if (endpoint !== undefined) endpoints.add(endpoint);
      return true;
    }
    // Lines about changes contain the tenant's name, so a port or process number is not enough.
    if (isChange(line)) return false;
    if (endpoint !== undefined && endpoints.has(endpoint)) {
      if (parsed.pid !== null && isOfSshd(line)) pids.add(parsed.pid);
      return true;
    }
    if (parsed.pid !== null && isOfSshd(line) && pids.has(parsed.pid)) return true;
    return portText?.test(parsed.message) === true;
  };
}

/** sshd logs whole seconds, and the login some time before its session counts as begun. */
const toleranceMs = 5 * secondMs;

/**
 * From when on log lines can prove the code, in epoch ms. What lies behind a session is proved only by lines of
 * that session: lines of an earlier one are about another connection. A port that is held without a live
 * session can be of any time.
 */
function findStart({ code, port, tenant }: Subject & { code: TunnelCode }): number {
  const { layer, isPortHeld } = tunnelCodes[code];
  if (!sessionBound.has(layer) || isPortHeld === true || tenant.sessions.length === 0) return -Infinity;
  const pid = tenant.forwards.find((forward) => forward.port === port)?.sessionPid;
  const own = tenant.sessions.filter((session) => session.pid === pid);
  const starts = (own.length > 0 ? own : tenant.sessions).map(({ since }) => Date.parse(since));
  return Math.min(...starts) - toleranceMs;
}

const sessionBound: ReadonlySet<LayerName> = new Set(['session', 'listener', 'forward', 'service']);

/**
 * The newest twenty log lines that match a tunnel's diagnosis, oldest first. sshd doesn't log the tenant's
 * name. So lines are found by the tenant's keys, and further lines by their process and connection.
 */
export function selectProofLines(
  input: Subject & { code: TunnelCode; lines: readonly LogLine[] },
): LogLine[] {
  const wanted = tunnelCodes[input.code].proof;
  if (wanted.length === 0) return [];
  const fromMs = findStart(input);
  const matches = input.lines.filter(createTenantMatcher(input)).flatMap((line) => {
    const { message, time } = line.parsed;
    const kind = kindOf(message);
    // A change of the tenant holds for its later sessions too.
    const isBound = !isChange(line) && line.isTimeGuessed?.() !== true;
    const isEarlier = isBound && time !== null && Date.parse(time) < fromMs;
    return kind !== undefined && wanted.includes(kind) && !isEarlier ? [{ line, kind }] : [];
  });
  return selectLines(matches, wanted[0]);
}

/** Messages that differ only in their numbers have the same shape. */
const maskNumbers = (message: string) => message.replaceAll(/\d+/gu, '#');

/**
 * Selects lines so that repeated lines don't displace others: first the newest line of each shape (most
 * important kind first), then the newest of the rest. Returns them in log order.
 */
function selectLines(
  matches: readonly { line: LogLine; kind: ProofKind }[],
  deciding: ProofKind | undefined,
): LogLine[] {
  if (matches.length <= maxLines) return matches.map(({ line }) => line);
  const newestFirst = matches.toReversed();
  const newest = new Map<string, (typeof matches)[number]>();
  for (const match of newestFirst) {
    const shape = maskNumbers(match.line.parsed.message);
    if (!newest.has(shape)) newest.set(shape, match);
  }
  const firsts = [...newest.values()];
  const chosen = new Set(
    [
      ...firsts.filter(({ kind }) => kind === deciding),
      ...firsts.filter(({ kind }) => kind !== deciding),
      ...newestFirst.filter((match) => !firsts.includes(match)),
    ].slice(0, maxLines),
  );
  return matches.filter((match) => chosen.has(match)).map(({ line }) => line);
}
