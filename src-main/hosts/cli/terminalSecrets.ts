import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import type { AskSecret } from '../../ssh/types.ts';

/**
 * Asks for passwords and passphrases on the terminal, one at a time. Answers null if there is no terminal.
 */
export function askOnTerminal(): AskSecret {
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    if (!process.stdin.isTTY) return Promise.resolve(null);
    const next = last.then(() => ask(question));
    last = next.catch(() => null);
    return next;
  };
}

function say(text: string): void {
  process.stderr.write(text);
}

async function ask(question: Parameters<AskSecret>[0]): Promise<string[] | null> {
  const answers: string[] = [];
  say(
    `${visibleText(question.hop)}: ${visibleText(question.title)}${question.refused ? ' (refused, try again)' : ''}\n`,
  );
  for (const field of question.fields) {
    let isMuted = false;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!isMuted) process.stderr.write(chunk);
        done();
      },
    });
    const reader = createInterface({ input: process.stdin, output, terminal: true });
    try {
      const ended = new Promise<null>((resolve) => {
        reader.once('close', () => resolve(null));
        reader.once('SIGINT', () => resolve(null));
      });
      const typed = reader.question(`${visibleText(field.label)}: `);
      isMuted = !field.echo;
      const answer = await Promise.race([typed, ended]);
      if (isMuted) say('\n');
      if (answer === null) return null;
      answers.push(answer);
    } finally {
      reader.close();
    }
  }
  return answers;
}
