import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';

const colours = ['green', 'yellow', 'red', 'gray'] as const;
export type Colour = (typeof colours)[number];

/** Marks a text to be shown in a colour. */
export type Paint = (text: string, colour: Colour) => string;
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
  const mark = new RegExp(`<${word}:(${colours.join('|')})>(.*?)</${word}>`, 'gu');
  const paint: Paint = (text, colour) => `<${word}:${colour}>${text}</${word}>`;
  return {
    paint,
    /** Replaces the marks in text that is escaped already. */
    colour: (text: string): string =>
      text.replace(mark, (_all, colour: Colour, inner: string) =>
        styleText(colour, inner, { validateStream: false }),
      ),
  };
}
