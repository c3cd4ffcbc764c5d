import { useEffect, useRef, useState } from 'react';
import type { StatementExportPart } from '../../../../src-shared/contract/usage.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import {
  statementKindSchema,
  usageKinds,
  type StatementKind,
} from '../../../../src-shared/model/usage/usageReport.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { SelectField } from '../../../ui/form/Fields.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { readBase64, saveBlob } from '../../../ui/text/saveText.ts';
import { nameMonthAndYear } from '../months.ts';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

type Done = Extract<StatementExportPart, { kind: 'done' }>;
type State = { kind: 'idle' } | { kind: 'busy'; text: string } | Done | { kind: 'failed'; error: ErrorData };

/** Receives a statement, and lets the browser or the desktop save its archive. */
function useStatementExport() {
  const { client } = useConsole();
  const [state, setState] = useState<State>({ kind: 'idle' });
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);
  const start = async (request: { applianceId: string; month: string; kind: StatementKind }) => {
    const own = new AbortController();
    const { signal } = own;
    ending.current = own;
    setState({ kind: 'busy', text: 'The appliance signs the report…' });
    const parts: Blob[] = [];
    try {
      for await (const part of await client.usage.exportStatement(request, { signal })) {
        if (signal.aborted) return;
        if (part.kind === 'part') {
          parts.push(readBase64(part.base64));
          setState({ kind: 'busy', text: `Saving, ${Math.floor((part.sent / part.bytes) * 100)} %…` });
        }
        if (part.kind === 'done') {
          saveBlob(part.name, new Blob(parts, { type: 'application/gzip' }));
          setState(part);
        }
      }
    } catch (thrown) {
      if (!signal.aborted) setState({ kind: 'failed', error: toErrorData(thrown) });
    }
  };
  return { state, start };
}

function Outcome({ state }: { state: State }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'busy':
      return <output>{state.text}</output>;
    case 'failed':
      return <ErrorNotice error={state.error} />;
    case 'done':
      return (
        <output className={layout.stack}>
          <b>
            Statement {state.number} saved as {state.name}
          </b>
          <span>
            {state.isSigned === true
              ? 'The appliance’s own key has signed it.'
              : 'The signature was not verified: the console knows no key of the appliance before its first renewal.'}{' '}
            It has {state.files.map(({ name }) => name).join(', ')}. To check it, unpack it and run sha256sum
            --check SHA256SUMS.
          </span>
          <span>
            SHA-256 of the report: <span className={text.mono}>{state.sha256}</span>
          </span>
        </output>
      );
  }
}

/** Lets the appliance sign a report with its next number, and saves it. Nothing is sent to the vendor. */
export function ExportDialog({
  applianceId,
  applianceName,
  month,
  onClose,
}: {
  applianceId: string;
  applianceName: string;
  month: string;
  onClose: () => void;
}) {
  const [kind, setKind] = useState<StatementKind>('per-user');
  const { state, start } = useStatementExport();
  return (
    <Dialog opened onClose={onClose} title={`Export a signed statement of ${applianceName}`}>
      <div className={layout.stack}>
        <p>
          {applianceName} makes the report of {nameMonthAndYear(month)}, signs it with its next number, and
          keeps it for 12 months. It is saved on this computer, byte for byte as it would be sent. Nothing is
          sent.
        </p>
        <SelectField
          label="Report"
          value={kind}
          options={statementKindSchema.options.map((value) => ({ value, label: usageKinds[value].label }))}
          onChange={(value) => {
            const chosen = statementKindSchema.safeParse(value);
            if (chosen.success) setKind(chosen.data);
          }}
        />
        <Outcome state={state} />
        <div className={layout.row}>
          <Button
            kind="primary"
            busy={state.kind === 'busy'}
            onClick={() => void start({ applianceId, month, kind })}
          >
            Sign and save
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </Dialog>
  );
}
