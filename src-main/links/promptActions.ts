import { AppError } from '../../src-shared/errors.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Prompts } from './prompts.ts';

/** Answers and dismisses prompts for secrets. Both are recorded in the audit trail. */
export function createPromptActions(options: { inventory: Inventory; audit: Audit; prompts: Prompts }) {
  const { inventory, audit, prompts } = options;
  const findPrompt = (id: string) => prompts.list().find((prompt) => prompt.id === id);

  /** What is recorded about a prompt: the secret and the hop that needs it, but never the answer. */
  const auditPrompt = (prompt: NonNullable<ReturnType<typeof findPrompt>>) => ({
    object: inventory.get(prompt.applianceId).name,
    destination: prompt.hop,
    detail: prompt.kind,
  });

  return {
    /** Rejects with NOT_FOUND if the prompt was already answered or has expired. */
    answerPrompt: async (promptId: string, answers: string[]) => {
      const prompt = findPrompt(promptId);
      if (prompt === undefined)
        throw new AppError('NOT_FOUND', 'This prompt was already answered or has expired.');
      await audit.act({ ...auditPrompt(prompt), event: 'secret.answer' }, () =>
        prompts.answer(promptId, answers),
      );
    },
    dismissPrompt: async (promptId: string) => {
      const prompt = findPrompt(promptId);
      if (prompt === undefined) return;
      audit.event({ ...auditPrompt(prompt), event: 'secret.dismiss' });
      prompts.dismiss(promptId);
    },
  };
}
