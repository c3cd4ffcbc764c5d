import { toErrorData } from '../../../rpc/errors.ts';
import { places } from '../../../state/places.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { SelectField } from '../../../ui/form/Fields.tsx';
import { FileField } from '../../../ui/form/FileField.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { CommandLine } from '../../../ui/text/Machine.tsx';
import { useState } from 'react';
import { licenceArgv } from '../../../../src-shared/model/licence/licenceArgv.ts';
import type { TripSummary } from '../../../../src-shared/model/licence/trip.ts';
import { describeExpiry } from '../labels.ts';
import { useImportTrip, useOpenTrip } from '../queries.ts';
import { isLicensed, type LicenceRow } from '../rows.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

const maxTripFileBytes = 2_000_000;

/** Chooses the appliance to renew and makes its request. `name` is the chosen appliance; empty if the dialog is closed. */
export function RenewDialog({
  name,
  rows,
  trips,
  now,
  onChoose,
  onClose,
  onWindow,
}: {
  name: string;
  rows: readonly LicenceRow[];
  trips: readonly TripSummary[];
  now: number;
  onChoose: (name: string) => void;
  onClose: () => void;
  /** Renews the appliance through this computer instead. */
  onWindow: (name: string) => void;
}) {
  const navigateTo = useNavigateTo();
  const openTrip = useOpenTrip();
  const options = rows.filter(isLicensed);
  const row = options.find((option) => option.name === name) ?? options[0];
  const open = trips.find(({ entryId, ended }) => ended === null && entryId === row?.id);
  return (
    <Dialog opened={name !== ''} onClose={onClose} title="Renew offline" size={520}>
      <div className={layout.stack}>
        <SelectField
          label="Appliance"
          value={row?.name ?? ''}
          onChange={onChoose}
          options={options.map((option) => ({
            value: option.name,
            label: `${option.name}: ${describeExpiry(option, now)}`,
          }))}
        />
        {row === undefined ? (
          <p>No appliance has a licence yet.</p>
        ) : (
          <>
            <p>
              {row.name} makes a signed request. You carry it to the vendor, bring the answer back and apply
              it here. The licence changes only in the last step.
            </p>
            <CommandLine text={licenceArgv.request.join(' ')} label="Command" />
            {open === undefined ? null : (
              <p className={styles.voids}>
                Trip {open.name} is open. A new request makes it void, and its answer is then refused.
              </p>
            )}
          </>
        )}
        {openTrip.error === null ? null : <ErrorNotice error={toErrorData(openTrip.error)} />}
        <div className={`${layout.row} ${styles.dialogEnd}`}>
          {row === undefined ? null : (
            <Button onClick={() => onWindow(row.name)}>Through this computer…</Button>
          )}
          {open === undefined ? null : (
            <Button onClick={() => navigateTo(places.licenceTrip(open.id))}>Continue trip {open.name}</Button>
          )}
          <Button
            kind={open === undefined ? 'primary' : 'danger'}
            disabled={row === undefined}
            busy={openTrip.isPending}
            onClick={() => {
              if (row === undefined) return;
              openTrip.mutate(
                { applianceId: row.id },
                { onSuccess: ({ view }) => navigateTo(places.licenceTrip(view.trip.id)) },
              );
            }}
          >
            Make the request
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Continues a renewal that was begun on another computer. */
export function ContinueDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const navigateTo = useNavigateTo();
  const importTrip = useImportTrip();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const read = (content: string): void =>
    importTrip.mutate(
      { text: content },
      { onSuccess: ({ view }) => navigateTo(places.licenceTrip(view.trip.id)) },
    );
  return (
    <Dialog opened={opened} onClose={onClose} title="Continue from a trip file" size={520}>
      <div className={layout.stack}>
        <p className={textStyles.sub}>
          The trip file holds the request and the steps so far. It has no keys and no passwords. Nothing is
          sent to the appliance.
        </p>
        <FileField
          label="Trip file"
          value={text}
          onText={(content, fileName) => {
            setText(content);
            setProblem(null);
            if (fileName !== null) read(content);
          }}
          onRefused={setProblem}
          maxBytes={maxTripFileBytes}
          accept=".json,application/json"
          error={problem ?? undefined}
          rows={4}
          hasInitialFocus
        />
        {importTrip.error === null ? null : <ErrorNotice error={toErrorData(importTrip.error)} />}
        <div className={`${layout.row} ${styles.dialogEnd}`}>
          <Button onClick={onClose}>Close</Button>
          <Button
            kind="primary"
            disabled={text.trim() === ''}
            busy={importTrip.isPending}
            onClick={() => read(text)}
          >
            Continue the trip
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
