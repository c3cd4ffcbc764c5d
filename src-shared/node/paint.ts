import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import type { Tone } from '../model/tunnels/tone.ts';

/** The colour of each state on a terminal. The word beside it says the same, because colour alone is not accessible. */
const toneStyles = {
  ok: 'green',
  warn: 'yellow',
  bad: 'red',
  off: 'gray',
  unknown: 'gray',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Marks a text to be shown in the colour of a state. */
export type Paint = (text: string, tone: Tone) => string;
export const noPaint: Paint = (text) => text;

type Stream = { isTTY?: boolean };

/**
 * Whether a stream gets colours: a terminal does, unless NO_COLOR is set or it is a dumb one. FORCE_COLOR decides before all,
 * as in Node **[doc]**.
 */
export function canColour(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: no, TERM: terminal } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (no !== undefined && no !== '') return false;
  return stream.isTTY === true && terminal !== 'dumb';
}

/**
 * Makes marks that survive escaping, and replaces them by colours afterwards. They contain a random word, so that no text of
 * an appliance can be one.
 */
export function createPainter() {
  const word = randomUUID();
  const mark = new RegExp(`<${word}:(ok|warn|bad|off|unknown)>(.*?)</${word}>`, 'gu');
  const isTone = (name: string): name is Tone => Object.hasOwn(toneStyles, name);
  const paint: Paint = (text, tone) => `<${word}:${tone}>${text}</${word}>`;
  return {
    paint,
    /** Replaces the marks in text that is escaped already. */
    colour: (text: string): string =>
      text.replace(mark, (_all, tone: string, inner: string) =>
        isTone(tone) ? styleText(toneStyles[tone], inner, { validateStream: false }) : inner,
      ),
  };
}
