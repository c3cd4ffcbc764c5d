import type { AskSecret, StoredSecrets } from '../types.ts';

type Question = Parameters<AskSecret>[0];

/**
 * Remembers the answers of the user during a session, in memory only, so that a reconnect does not ask again.
 */
export type SecretMemory = {
  ask: AskSecret;
  /** Whether `ask` can answer without the user. */
  hasAnswer: (question: Question) => boolean;
  /**
   * Resolves when all open questions of a login have ended; true if all were answered. Null if no question is
   * open.
   */
  waitForOpenQuestions: () => Promise<boolean> | null;
  forget: () => void;
};

/**
 * Whether the answer may be used again. Answers to keyboard-interactive questions are only remembered for a
 * single password question, because any other may ask for a one-time code.
 */
function isRepeatable(question: Question): boolean {
  if (question.kind !== 'keyboard-interactive') return true;
  const [only, ...others] = question.fields;
  return (
    only !== undefined &&
    others.length === 0 &&
    !only.echo &&
    /^(\(\S+\) )?(\S+'s )?password\W*$/i.test(only.label)
  );
}

function keyOf(question: Question): string {
  const { hop, kind, title, fields } = question;
  // The passphrase depends only on the file, not on the hop.
  if (kind === 'key-passphrase') return JSON.stringify([kind, title]);
  return JSON.stringify([kind, hop, fields.map((field) => field.label)]);
}

/** Asks `askPerson` only if no secret is stored, or the server refused the stored one. */
export function createSecretMemory(askPerson: AskSecret, stored: StoredSecrets | null = null): SecretMemory {
  const answers = new Map<string, string[]>();
  const openQuestions = new Map<string, Promise<string[] | null>>();
  let generation = 0;

  async function askAndKeep(key: string, question: Question): Promise<string[] | null> {
    const askedIn = generation;
    const found = stored !== null && isRepeatable(question) ? await stored.find(question) : null;
    if (found !== null) return found;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await askPerson(question);
    if (answer !== null && askedIn === generation && isRepeatable(question)) answers.set(key, answer);
    return answer;
  }

  return {
    ask(question) {
      const key = keyOf(question);
      if (question.refused) answers.delete(key);
      const waiting = openQuestions.get(key);
      if (waiting !== undefined) return waiting;
      const pendingAnswers = askAndKeep(key, question).finally(() => {
        if (openQuestions.get(key) === pendingAnswers) openQuestions.delete(key);
      });
      openQuestions.set(key, pendingAnswers);
      return pendingAnswers;
    },
    hasAnswer: (question) =>
      !question.refused &&
      (answers.has(keyOf(question)) || (isRepeatable(question) && stored?.isReady(question) === true)),
    waitForOpenQuestions() {
      const pendingAnswers = [...openQuestions]
        .filter(([key]) => !key.startsWith('["sudo-password"'))
        .map(([, answer]) => answer);
      if (pendingAnswers.length === 0) return null;
      return Promise.all(pendingAnswers).then(
        (all) => all.every((answer) => answer !== null),
        () => false,
      );
    },
    forget() {
      generation += 1;
      answers.clear();
      openQuestions.clear();
    },
  };
}
