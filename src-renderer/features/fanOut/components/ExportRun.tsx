import { useMutation } from '@tanstack/react-query';
import type { RunView } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { ActionMenu } from '../../../ui/layout/ActionMenu.tsx';
import { saveText } from '../../../ui/text/saveText.ts';

const types = { csv: 'text/csv', json: 'application/json' } as const;

/** Saves the results of a run with their outputs. */
export function ExportRun({ run: { number } }: { run: Pick<RunView, 'number'> }) {
  const { queries } = useConsole();
  const { mutate } = useMutation(queries.fanOut.export.mutationOptions({ gcTime: 0 }));
  const save = (format: keyof typeof types) => (): void =>
    mutate(
      { number, format },
      { onSuccess: ({ name, text }) => saveText({ name, type: types[format], text }) },
    );
  return (
    <ActionMenu
      label="Export results"
      plain="Export results…"
      actions={[
        { text: 'Results as CSV', run: save('csv') },
        { text: 'Results as JSON', run: save('json') },
      ]}
    />
  );
}
