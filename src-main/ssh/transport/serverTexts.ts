import type { Client } from 'ssh2';
import { visibleText } from '../../../src-shared/base/machineText.ts';

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

/** The text in quotes that it can't end itself, so that it can't be taken for this program's own words. */
export function quoteText(text: string): string {
  return `“${limitText(text).replaceAll(/[“”]/gu, "'")}”`;
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

/**
 * Keeps what a server says outside the answers to log-in attempts: lines before SSH begins, banners,
 * instructions, the reason for a disconnect. `onText` is called with each text in its safe form.
 */
export function createServerTexts(onText: (text: string) => void) {
  const texts: string[] = [];
  let disconnect: string | null = null;
  let isKeyTaken = false;

  function add(raw: unknown): void {
    if (typeof raw !== 'string') return;
    const text = limitText(raw);
    if (text === '' || texts.includes(text) || texts.length >= maxTexts) return;
    texts.push(text);
    onText(text);
  }

  return {
    add,
    /** Whether the server has taken a key and only the account is left to be checked. */
    isKeyTaken: () => isKeyTaken,
    startAttempt: () => {
      isKeyTaken = false;
    },
    hasText: () => texts.length > 0,
    isStartingOrStopping: () => texts.some((text) => startsOrStops.test(text)),
    /** The reason that the server gave for ending the connection; null if it gave none. */
    disconnect: () => disconnect,
    /** A sentence with all texts, or ''. `also` is quoted too. */
    sentence(also?: string): string {
      const all = also === undefined || also === '' ? texts : [...new Set([...texts, limitText(also)])];
      return all.length === 0 ? '' : ` The server said: ${all.map(quoteText).join(' ')}.`;
    },
    /** Call this after ssh2's `connect`, which creates its handlers. */
    listen(client: Client): void {
      client.on('banner', add);
      client.on('greeting', add);
      const handlers = readField(readField(client, '_protocol'), '_handlers');
      addHandler(handlers, 'DISCONNECT', ([, , reason]) => {
        if (typeof reason === 'string' && reason !== '') disconnect = limitText(reason);
      });
      addHandler(handlers, 'USERAUTH_INFO_REQUEST', ([, , instructions]) => add(instructions));
      addHandler(handlers, 'USERAUTH_PK_OK', () => {
        isKeyTaken = true;
      });
    },
  };
}

export type ServerTexts = ReturnType<typeof createServerTexts>;
