import { severities, type Severity, type SyslogLine } from './syslogLine.ts';
import { paddingPattern } from '../../base/padding.ts';
import { readTagged } from './syslogTag.ts';
import { readLineTime, readTimestamp, type TimeContext } from './syslogTime.ts';

/** The fields that are read from the text. The receiver adds the other fields of a `SyslogLine`. */
export type ParsedLine = Pick<
  SyslogLine,
  'time' | 'host' | 'program' | 'pid' | 'severity' | 'severityFrom' | 'head' | 'message'
>;

/** Maximum length of a line, in bytes of UTF-8; the rest is cut off and marked **[ours]**. */
export const maxLineBytes = 65_536;

const priPattern = /^<(\d{1,3})>/u;
const rfc5424Pattern = /^1 (?<rest>(?:-|\d{4}-\d{2}-\d{2}T\S+) .*)$/su;

/**
 * Parses RFC 3164, RFC 5424 and lines with an ISO time, with or without `<PRI>` and padding. Never throws; parts that
 * can't be read stay in `message`. RFC 3164 has no year, so it is taken from `receivedAt` (epoch ms). Times
 * without a zone are `zoneOffsetMinutes` east of UTC, 0 by default.
 */
export function parseSyslogLine(text: string, context: TimeContext): ParsedLine {
  const line = text.replace(/\r$/u, '');
  // Padding or a byte order mark before the line is not part of it.
  const unpadded = line.replace(paddingPattern, '').replace(/^\ufeff/u, '');
  const pri = priPattern.exec(unpadded);
  const priority = pri === null ? null : Number(pri[1]);
  const carried = priority === null || priority > 191 ? null : (severities[priority % 8] ?? null);
  const body = pri !== null && carried !== null ? unpadded.slice(pri[0].length) : unpadded;
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

function readBody(body: string, context: TimeContext): Body | null {
  const modern = rfc5424Pattern.exec(body)?.groups?.['rest'];
  if (modern !== undefined) {
    const read = readRfc5424(modern);
    if (read !== null) return read;
  }
  const stamped = readLineTime(body, context);
  if (stamped === null) return null;
  return { time: stamped.time, ...readTagged({ text: stamped.rest, hasHost: stamped.hasHost }) };
}

function named(value: string): string | null {
  return value === '-' ? null : value;
}

/** RFC 5424, 6: TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]; an absent field is `-`. */
function readRfc5424(rest: string): Body | null {
  const header = /^(\S+) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,32}) /u.exec(rest);
  if (header === null) return null;
  const [, stamp = '-', host = '-', program = '-', processId = '-'] = header;
  const time = stamp === '-' ? null : readTimestamp(stamp);
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
