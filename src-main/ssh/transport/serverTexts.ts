import type { Client } from 'ssh2';
import { quoteText, visibleText } from '../../../src-shared/base/machineText.ts';

const maxTextLength = 512;
const maxTexts = 8;
/** Longer texts are cut before they are searched for hidden characters. */
const maxRawLength = 4096;

/** Makes a text from the server safe to show, in one line, and shortens it. */
export function limitText(text: string): string {
  const lines = text.slice(0, maxRawLength).replaceAll(/\r\n?/gu, '\n');
  const visible = visibleText(lines).replaceAll(/\s+/gu, ' ').trim();
  return visible.length > maxTextLength ? `${visible.slice(0, maxTextLength - 1)}…` : visible;
}

/** Quotes a text from the server, shortened. */
export function quoteServerText(text: string): string {
  return quoteText(limitText(text));
}

/** Texts with which systemd's pam_nologin refuses log-ins while a computer starts or stops. */
const startsOrStops = /System is (?:booting up|going down)|come back later/iu;

type Handler = (args: readonly unknown[]) => void;

/** Reads a field of ssh2 that has no public access. */
function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Calls `before` in front of ssh2's handler of a message, because ssh2 shows these texts in no event. */
function addHandler(handlers: unknown, name: string, before: Handler): void {
  const handler = readField(handlers, name);
  if (typeof handlers !== 'object' || handlers === null || typeof handler !== 'function') return;
  Reflect.set(handlers, name, (...args: unknown[]) => {
    before(args);
    Reflect.apply(handler, undefined, args);
  });
}

/** Codes with which a server ends a connection for a reason that passes (RFC 4253, 11.1) **[doc]**. */
const passingDisconnects: readonly unknown[] = [7, 10, 12];
/** Codes that refuse the login without a text **[doc]**. */
const refusalWords: Readonly<Record<number, string>> = {
  14: 'no more login methods',
  15: 'illegal user name',
};

/**
 * Keeps what a server says outside the answers to log-in attempts: lines before SSH begins, banners,
 * instructions, the reason for a disconnect. `onText` is called with each text in its safe form.
 */
export function createServerTexts(onText: (text: string) => void) {
  const texts: string[] = [];
  const instructions: string[] = [];
  let disconnect: { reason: string; isPassing: boolean } | null = null;
  /** Whether the server has all that it needs to refuse the running attempt. */
  let isJudging = false;
  let hasRefused = false;

  /** Returns false if the text is already known. */
  function addTo(list: string[], raw: unknown): boolean {
    const text = typeof raw === 'string' ? limitText(raw) : '';
    if (text === '' || list.includes(text)) return false;
    if (list.length >= maxTexts) return true;
    list.push(text);
    onText(text);
    return true;
  }
  const add = (raw: unknown): void => void addTo(texts, raw);

  return {
    add,
    /** Whether the server has all that it needs to decide about the running attempt: a key it took, or a secret. */
    isJudging: () => isJudging,
    /** `isComplete`: whether the first message of the attempt is all that the server needs to decide. */
    startAttempt: ({ isComplete }: { isComplete: boolean }): void => {
      hasRefused = false;
      isJudging = isComplete;
    },
    /** Whether the server has said something new since it has all that it needs for the running attempt. */
    hasRefused: () => hasRefused,
    isStartingOrStopping: () => texts.some((text) => startsOrStops.test(text)),
    /** The reason that the server gave for ending the connection; null if it gave none. */
    disconnect: () => disconnect,
    /** A sentence with all texts, or ''. `also` is quoted too. Instructions may hold a code, so they stay out. */
    sentence(also?: string): string {
      const all = also === undefined || also === '' ? texts : [...new Set([...texts, limitText(also)])];
      const said = all.length === 0 ? '' : ` The server said: ${all.map(quoteServerText).join(' ')}.`;
      return instructions.length === 0 ? said : `${said} Its instructions are in the steps of the login.`;
    },
    /** Call this after ssh2's `connect`, which creates its handlers. */
    listen(client: Client): void {
      client.on('banner', (raw) => {
        if (addTo(texts, raw) && isJudging) hasRefused = true;
      });
      client.on('greeting', add);
      const handlers = readField(readField(client, '_protocol'), '_handlers');
      addHandler(handlers, 'DISCONNECT', ([, code, reason]) => {
        const words = reason === '' && typeof code === 'number' ? refusalWords[code] : reason;
        if (typeof words === 'string' && words !== '')
          disconnect = { reason: limitText(words), isPassing: passingDisconnects.includes(code) };
      });
      addHandler(handlers, 'USERAUTH_INFO_REQUEST', ([, , text]) => void addTo(instructions, text));
      addHandler(handlers, 'USERAUTH_PK_OK', () => {
        isJudging = true;
      });
    },
  };
}

export type ServerTexts = ReturnType<typeof createServerTexts>;
