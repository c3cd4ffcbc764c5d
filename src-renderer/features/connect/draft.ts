import { create } from 'zustand';
import { connectKeyPath } from '../../../src-shared/model/connectYaml/deployments.ts';
import { newRow, type RepositoryRow } from './components/RepositoryRows.tsx';

/** The values of the form that generates a connect.yaml. */
type WrittenForm = { appliance: string; sshKey: string; hostKey: string; rows: RepositoryRow[] };

type Draft = { text: string; form: WrittenForm };

export const emptyDraft = (): Draft => ({
  text: '',
  form: { appliance: '', sshKey: connectKeyPath, hostKey: '', rows: [newRow()] },
});

/**
 * The input on the connect.yaml page. Kept only in memory, so that switching pages loses nothing and no data of a
 * tenant is stored.
 */
export const useDraft = create<Draft>(emptyDraft);

const isEmptyRow = ({ group, repository, uri }: RepositoryRow) => `${group}${repository}${uri}` === '';

/** Whether nothing was typed in the form yet. */
export function isUntouched({ appliance, sshKey, hostKey, rows }: WrittenForm): boolean {
  return appliance === '' && hostKey === '' && sshKey === connectKeyPath && rows.every(isEmptyRow);
}

export function setDraftText(text: string): void {
  useDraft.setState({ text });
}

export function changeDraftForm(part: Partial<WrittenForm>): void {
  useDraft.setState(({ form }) => ({ form: { ...form, ...part } }));
}
