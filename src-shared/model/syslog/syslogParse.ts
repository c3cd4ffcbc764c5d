import { severities, type Severity, type SyslogLine } from './syslogLine.ts';
import { minuteMs } from '../../base/time.ts';

/** The fields that are read from the text. The receiver adds the other fields of a `SyslogLine`. */
export type ParsedLine = Pick<
  SyslogLine,
  'time' | 'host' | 'program' | 'pid' | 'severity' | 'severityFrom' | 'head' | 'message'
>;

/** Maximum length of a line, in bytes of UTF-8; the rest is cut off and marked **[ours]**. */
export const maxLineBytes = 65_536;

const priPattern = /^<(\d{1,3})>/u;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** RFC 3164, 4.1.2: `Nov  5 09:04:12`; some daemons add the year or fractions of a second. */
const bsdPattern =
  /^(?<month>[A-Z][a-z]{2}) {1,2}(?<day>\d{1,2})(?: (?<year>\d{4}))? (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})(?<fraction>\.\d{1,9})? /u;
const isoPattern =
  /^(?<date>\d{4}-\d{2}-\d{2})[T ](?<time>\d{2}:\d{2}:\d{2})(?:[.,](?<fraction>\d{1,9}))?(?<zone>Z|[+-]\d{2}:?\d{2})? /u;
const rfc5424Pattern = /^1 (?<rest>(?:-|\d{4}-\d{2}-\d{2}T\S+) .*)$/su;
const hostPattern = /^(?<host>[^\s:[\]]{1,255}) /u;
const tagPattern = /^(?<program>[^\s:[\]]{1,128})(?:\[(?<pid>\d{1,10})\])?: ?/u;

/**
 * Parses RFC 3164, RFC 5424 and lines with an ISO time, with or without `<PRI>`. Never throws; parts that
 * can't be read stay in `message`. RFC 3164 has no year, so it is taken from `receivedAt` (epoch ms). Times
 * without a zone are `zoneOffsetMinutes` east of UTC, 0 by default.
 */
export function parseSyslogLine(
  text: string,
  context: { receivedAt: number; zoneOffsetMinutes?: number },
): ParsedLine {
  const line = text.replace(/\r$/u, '');
  const pri = priPattern.exec(line);
  const priority = pri === null ? null : Number(pri[1]);
  const carried = priority === null || priority > 191 ? null : (severities[priority % 8] ?? null);
  const body = pri !== null && carried !== null ? line.slice(pri[0].length) : line;
  const read = readBody(body, context) ?? {
    time: null,
    host: null,
    program: null,
    pid: null,
    message: body,
  };
  // `head` is everything before the message, because the message is always the end of the line.
  const head = line.slice(0, line.length - read.message.length);
  if (carried !== null) return { ...read, head, severity: carried, severityFrom: 'line' };
  const suggested = suggestSeverity(read.message);
  return { ...read, head, severity: suggested, severityFrom: suggested === null ? null : 'words' };
}

type Body = Pick<ParsedLine, 'time' | 'host' | 'program' | 'pid' | 'message'>;

function readBody(body: string, context: { receivedAt: number; zoneOffsetMinutes?: number }): Body | null {
  const modern = rfc5424Pattern.exec(body)?.groups?.['rest'];
  if (modern !== undefined) {
    const read = readRfc5424(modern);
    if (read !== null) return read;
  }
  const offset = context.zoneOffsetMinutes ?? 0;
  const iso = isoPattern.exec(body);
  if (iso !== null) return readTagged(body.slice(iso[0].length), isoTime(iso.groups ?? {}, offset));
  const bsd = bsdPattern.exec(body);
  if (bsd !== null)
    return readTagged(body.slice(bsd[0].length), bsdTime(bsd.groups ?? {}, offset, context.receivedAt));
  return null;
}

function readTagged(rest: string, time: string | null): Body | null {
  if (time === null) return null;
  const host = hostPattern.exec(rest);
  const afterHost = host === null ? rest : rest.slice(host[0].length);
  const tag = tagPattern.exec(afterHost);
  const pid = tag?.groups?.['pid'];
  return {
    time,
    host: host?.groups?.['host'] ?? null,
    program: tag?.groups?.['program'] ?? null,
    pid: pid === undefined ? null : Number(pid),
    message: tag === null ? afterHost : afterHost.slice(tag[0].length),
  };
}

function named(value: string): string | null {
  return value === '-' ? null : value;
}

/** RFC 5424, 6: TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]; an absent field is `-`. */
function readRfc5424(rest: string): Body | null {
  const header = /^(\S+) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,32}) /u.exec(rest);
  if (header === null) return null;
  const [, stamp = '-', host = '-', program = '-', processId = '-'] = header;
  const iso = isoPattern.exec(`${stamp} `);
  const time = iso === null ? null : isoTime(iso.groups ?? {}, 0);
  if (stamp !== '-' && time === null) return null;
  const data = messageWithStructuredData(rest.slice(header[0].length));
  if (data === null) return null;
  return {
    time,
    host: named(host),
    program: named(program),
    pid: /^\d{1,10}$/u.test(processId) ? Number(processId) : null,
    // A message that declares itself UTF-8 starts with a byte order mark (RFC 5424, 6.4).
    message: data.replace(/^\ufeff/u, ''),
  };
}

/**
 * Returns the message with its structured data in front, if it has any. Null if the structured data is
 * malformed.
 */
function messageWithStructuredData(text: string): string | null {
  if (text === '-' || text.startsWith('- ')) return text.slice(2);
  const elements = /^(?:\[[^\s\]"=]{1,32}(?: [^\s\]"=]{1,32}="(?:\\.|[^"\\])*")*\])+(?: |$)/su.exec(text);
  return elements === null ? null : text;
}

function isoTime(groups: Record<string, string | undefined>, offsetMinutes: number): string | null {
  const zone = groups['zone'];
  const base = `${groups['date'] ?? ''}T${groups['time'] ?? ''}`;
  const fraction = `.${(groups['fraction'] ?? '0').slice(0, 3).padEnd(3, '0')}`;
  if (zone === undefined) return instant(Date.parse(`${base}${fraction}Z`) - offsetMinutes * minuteMs);
  const colon = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  return instant(Date.parse(`${base}${fraction}${colon}`));
}

function bsdTime(
  groups: Record<string, string | undefined>,
  offsetMinutes: number,
  receivedAt: number,
): string | null {
  const month = months.indexOf(groups['month'] ?? '');
  if (month < 0) return null;
  const fraction = Math.floor(Number(groups['fraction'] ?? '0') * 1000);
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((part) => Number(groups[part]));
  const at = (year: number) => {
    const date = new Date(Date.UTC(year, month, day, hour, minute, second, fraction));
    const isReal =
      date.getUTCMonth() === month &&
      date.getUTCDate() === day &&
      date.getUTCHours() === hour &&
      date.getUTCMinutes() === minute;
    return isReal ? date.getTime() - offsetMinutes * minuteMs : Number.NaN;
  };
  const writtenYear = groups['year'];
  if (writtenYear !== undefined) return instant(at(Number(writtenYear)));
  // RFC 3164 has no year. Use the year with the closest time: a line of 31 December that is read on 1 January
  // is from last year.
  const year = new Date(receivedAt).getUTCFullYear();
  const candidates = [year - 1, year, year + 1].map(at).filter((value) => Number.isFinite(value));
  candidates.sort((a, b) => Math.abs(a - receivedAt) - Math.abs(b - receivedAt));
  return instant(candidates[0] ?? Number.NaN);
}

function instant(milliseconds: number): string | null {
  if (!Number.isFinite(milliseconds)) return null;
  const text = new Date(milliseconds).toISOString();
  // Years after 9999 have a sign and six digits, which the contract does not allow.
  return text.length === 24 ? text : null;
}

const words: readonly [Severity, RegExp][] = [
  ['emerg', /\b(?:emerg(?:ency)?|panic)\b/iu],
  ['alert', /^\W*alert\b/iu],
  ['crit', /\b(?:crit(?:ical)?|fatal|segfault)\b/iu],
  ['err', /\b(?:err(?:or)?|failed|failure|cannot|can't|refused|denied|exception|traceback)\b/iu],
  ['warning', /\b(?:warn(?:ing)?|timed? ?out|timeout|deprecated|invalid|retry(?:ing)?)\b/iu],
  ['debug', /^\W*debug\d?\b/iu],
];

/**
 * Matches every line that could match one of `words`. Most lines don't, so one test replaces all others.
 */
const anyWord =
  /panic|emerg|alert|crit|fatal|segfault|err|fail|cannot|can't|refused|denied|exception|traceback|warn|time|deprecated|invalid|retry|debug/iu;

/** Guesses a severity from the words. The page marks it as a guess. */
function suggestSeverity(message: string): Severity | null {
  const head = message.slice(0, 1024);
  if (!anyWord.test(head)) return null;
  if (/\b(?:no|0|without) (?:errors?|warnings?|failures?)\b/iu.test(head)) return null;
  return words.find(([, pattern]) => pattern.test(head))?.[0] ?? null;
}
