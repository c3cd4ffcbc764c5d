import { useState } from 'react';
import type { KeptSearch } from '../../../../../src-shared/contract/logs.ts';
import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import {
  exportFormatNames,
  exportFormats,
  type ExportFormat,
} from '../../../../../src-shared/model/syslog/export/exportFormats.ts';
import { useConsole } from '../../../../rpc/client.tsx';
import { ErrorNotice } from '../../../../ui/feedback/States.tsx';
import { ChoiceField } from '../../../../ui/form/ChoiceField.tsx';
import { SelectField } from '../../../../ui/form/Fields.tsx';
import { Button } from '../../../../ui/layout/Button.tsx';
import { Dialog } from '../../../../ui/layout/Dialog.tsx';
import { useLatest } from '../../../../rpc/useLatest.ts';
import { ExportReport, PreviewedExport } from './ExportReport.tsx';
import { firstRedaction, readRedaction, RedactionFields } from './RedactionFields.tsx';
import { type ExportState, useExport } from './useExport.ts';
import layout from '../../../../ui/layout/layout.module.css';

type Scope = 'found' | 'all';

/** What is exported: all lines of the appliances, or those that the page finds. */
function scopeSearch(search: KeptSearch, scope: Scope): KeptSearch {
  return scope === 'found' ? search : { ...search, query: { kind: 'all' }, from: null, to: null };
}

/** How far an export is, or how it ended. */
function ExportProgress({ state, onCancel }: { state: ExportState; onCancel: () => void }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'writing':
    case 'sending': {
      const text =
        state.kind === 'writing'
          ? `Reading, ${formatCount(state.lines)} lines so far…`
          : `Saving, ${Math.floor((state.sent / state.bytes) * 100)} %…`;
      return (
        <div className={layout.row}>
          <output>{text}</output>
          <Button small onClick={onCancel}>
            Cancel
          </Button>
        </div>
      );
    }
    case 'done':
      return (
        <output className={layout.stack}>
          <b>Saved as {state.name}</b>
          <span>
            It has {state.files.map(({ name }) => name).join(', ')} and SHA256SUMS. To check it, unpack it and
            run sha256sum --check SHA256SUMS.
          </span>
          <ExportReport summary={state.summary} />
        </output>
      );
    case 'failed':
      return <ErrorNotice error={state.error} />;
  }
}

/** Exports lines as one archive with a manifest and checksums, after a preview of what is hidden. */
export function ExportDialog({ search, onClose }: { search: KeptSearch; onClose: () => void }) {
  const { client } = useConsole();
  const [scope, setScope] = useState<Scope>('found');
  const [format, setFormat] = useState<ExportFormat>('text');
  const [redaction, setRedaction] = useState(firstRedaction);
  // Later lines don't change an open dialog.
  const [opened] = useState(search);
  const request = { search: scopeSearch(opened, scope), redaction: readRedaction(redaction) };
  const key = JSON.stringify(request);
  const [previewed, setPreviewed] = useState<string | null>(null);
  const isPreviewed = previewed === key;
  const preview = useLatest({
    key: isPreviewed ? key : null,
    open: (signal) => client.logExport.preview(request, { signal }),
  });
  const { state, start, cancel } = useExport();
  const isRunning = state.kind === 'writing' || state.kind === 'sending';
  return (
    <Dialog opened onClose={onClose} title="Export lines" size={760}>
      <div className={layout.stack}>
        <ChoiceField
          label="Lines"
          value={scope}
          onChange={setScope}
          options={[
            { value: 'found', label: 'Lines that the query and the time range find' },
            { value: 'all', label: 'All kept lines of the chosen appliances' },
          ]}
        />
        <SelectField
          label="Format"
          value={format}
          onChange={(chosen) => setFormat(exportFormatNames.find((name) => name === chosen) ?? format)}
          options={exportFormatNames.map((value) => ({ value, label: exportFormats[value].label }))}
        />
        <RedactionFields value={redaction} onChange={setRedaction} />
        <div className={layout.row}>
          <Button onClick={() => setPreviewed(key)} busy={isPreviewed && preview.value?.isDone === false}>
            Preview
          </Button>
          <Button kind="primary" busy={isRunning} onClick={() => start({ ...request, format })}>
            Export
          </Button>
        </div>
        {isPreviewed && preview.error !== null ? <ErrorNotice error={preview.error} /> : null}
        {isPreviewed && preview.value !== null ? <PreviewedExport preview={preview.value} /> : null}
        <ExportProgress state={state} onCancel={cancel} />
      </div>
    </Dialog>
  );
}
