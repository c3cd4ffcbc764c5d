import { create } from 'zustand';
import type { MarkedText } from '../../../src-shared/model/configuration/configurationChanges.ts';

/** The content that a draft was made from. */
export type DraftBasis = MarkedText & { digest: string };
export type Draft = { text: string; basis: DraftBasis };

/** The drafts by appliance id. Kept only in memory, because a draft may have a new secret. */
export const useDrafts = create<Readonly<Record<string, Draft>>>(() => ({}));

export function useDraft(applianceId: string): Draft | null {
  return useDrafts((drafts) => drafts[applianceId] ?? null);
}

export function setDraft(applianceId: string, draft: Draft): void {
  useDrafts.setState({ [applianceId]: draft });
}

export function discardDraft(applianceId: string): void {
  useDrafts.setState(
    (drafts) => Object.fromEntries(Object.entries(drafts).filter(([id]) => id !== applianceId)),
    true,
  );
}
