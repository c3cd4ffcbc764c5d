import { create } from 'zustand';
import { connectKeyPath } from '../../../src-shared/model/connectYaml/deployments.ts';
import { newRow, type RepositoryRow } from './components/RepositoryRows.tsx';

/** What the form that writes a connect.yaml holds. */
type WrittenForm = { appliance: string; sshKey: string; hostKey: string; rows: RepositoryRow[] };

type Draft = { text: string; form: WrittenForm };

export const emptyDraft = (): Draft => ({
  text: '',
  form: { appliance: '', sshKey: connectKeyPath, hostKey: '', rows: [newRow()] },
});

/**
 * What was typed on the page of connect.yaml. In memory only, so that a look at another page loses nothing and nothing
 * of a tenant's stays behind.
 */
export const useDraft = create<Draft>(emptyDraft);

export function setDraftText(text: string): void {
  useDraft.setState({ text });
}

export function changeDraftForm(part: Partial<WrittenForm>): void {
  useDraft.setState(({ form }) => ({ form: { ...form, ...part } }));
}
