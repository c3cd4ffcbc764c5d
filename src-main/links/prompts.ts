import { randomUUID } from 'node:crypto';
import { AppError } from '../../src-shared/errors.ts';
import type { SecretPrompt } from '../../src-shared/model/appliance/link.ts';
import type { AskSecret } from '../ssh/types.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';

type Question = Parameters<AskSecret>[0];

/**
 * Holds the questions that the user must answer, e.g. for a password. Questions and answers exist only in
 * memory.
 */
export type Prompts = {
  list: () => SecretPrompt[];
  /** Resolves with the answers, or with null if the user dismissed the question or it was cancelled. */
  ask: (applianceId: string, question: Question) => Promise<string[] | null>;
  /** Throws NOT_FOUND if the question has ended, INVALID_INPUT for a wrong number of answers. */
  answer: (promptId: string, answers: string[]) => SecretPrompt;
  dismiss: (promptId: string) => void;
  /** Ends all questions of one appliance. Their `ask` resolves with null. */
  cancelAllOf: (applianceId: string) => void;
};

export function createPrompts(options: { clock: () => number; changes: ChangeMarks }): Prompts {
  const open = new Map<string, { prompt: SecretPrompt; settle: (answers: string[] | null) => void }>();
  const changed = () => options.changes.mark({ prompts: true });
  const take = (promptId: string) => {
    const found = open.get(promptId);
    if (found === undefined)
      throw new AppError('NOT_FOUND', 'This prompt was already answered or has expired.');
    return found;
  };
  const settle = (promptId: string, answers: string[] | null) => {
    const found = take(promptId);
    open.delete(promptId);
    found.settle(answers);
    changed();
    return found.prompt;
  };
  return {
    list: () => [...open.values()].map(({ prompt }) => prompt),
    ask: (applianceId, question) =>
      new Promise((resolve) => {
        const prompt: SecretPrompt = {
          id: randomUUID(),
          applianceId,
          hop: question.hop,
          kind: question.kind,
          // The server chooses this text, so shorten it instead of refusing it.
          title: (question.refused ? `Refused, try again: ${question.title}` : question.title).slice(0, 512),
          fields: question.fields
            .slice(0, 16)
            .map((field) => ({ label: field.label.slice(0, 512), echo: field.echo })),
          askedAt: new Date(options.clock()).toISOString(),
        };
        open.set(prompt.id, { prompt, settle: resolve });
        changed();
      }),
    answer: (promptId, answers) => {
      const { prompt } = take(promptId);
      if (answers.length !== prompt.fields.length)
        throw new AppError('INVALID_INPUT', `${prompt.fields.length} answers are needed.`);
      return settle(promptId, answers);
    },
    dismiss: (promptId) => void settle(promptId, null),
    cancelAllOf: (applianceId) => {
      for (const { prompt } of open.values()) if (prompt.applianceId === applianceId) settle(prompt.id, null);
    },
  };
}
