import { useState } from 'react';
import { watchBounds, watchGroups } from '../../../../../src-shared/model/syslog/watch/watchRule.ts';
import { toErrorData } from '../../../../rpc/errors.ts';
import { ErrorNotice } from '../../../../ui/feedback/States.tsx';
import { CheckField, SelectField, TextField } from '../../../../ui/form/Fields.tsx';
import { NumberField } from '../../../../ui/form/NumberField.tsx';
import { Button } from '../../../../ui/layout/Button.tsx';
import { useChangeRules } from './useWatchRules.ts';
import layout from '../../../../ui/layout/layout.module.css';

const groupTexts: Record<(typeof watchGroups)[number], string> = {
  none: 'All lines together',
  appliance: 'Lines of each appliance apart',
  tenant: 'Lines of each tenant apart',
};

type Bounds = { min: number; max: number };

/** The whole number of a text between bounds; null for any other text. */
function readNumber(text: string, { min, max }: Bounds): number | null {
  const value = /^\d{1,9}$/u.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : null;
}
const boundsText = (value: number | null, { min, max }: Bounds): string | undefined =>
  value === null ? `A whole number from ${min} to ${max}` : undefined;

/** A new rule. It begins with the query of the page. */
export function WatchForm(props: { query: string; applianceIds: readonly string[]; applianceText: string }) {
  const change = useChangeRules();
  const [name, setName] = useState('');
  const [query, setQuery] = useState(props.query);
  const [lines, setLines] = useState('1');
  const [within, setWithin] = useState('60');
  const [quiet, setQuiet] = useState('600');
  const [groupBy, setGroupBy] = useState<(typeof watchGroups)[number]>('none');
  const [isChosenOnly, setIsChosenOnly] = useState(false);
  const threshold = readNumber(lines, watchBounds.threshold);
  const windowSeconds = readNumber(within, watchBounds.windowSeconds);
  const quietSeconds = readNumber(quiet, watchBounds.quietSeconds);
  const add = (): void => {
    if (threshold === null || windowSeconds === null || quietSeconds === null) return;
    const applianceIds = isChosenOnly ? [...props.applianceIds] : null;
    const rule = {
      name,
      query,
      threshold,
      windowSeconds,
      quietSeconds,
      groupBy,
      applianceIds,
      isEnabled: true,
    };
    change.mutate((rules) => rules.add({ rule }), { onSuccess: () => setName('') });
  };
  const isValid = name.trim() !== '' && threshold !== null && windowSeconds !== null && quietSeconds !== null;
  return (
    <form
      className={layout.stack}
      aria-label="New rule"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <TextField label="Name of the new rule" value={name} onChange={setName} />
      <TextField
        label="Lines that it counts"
        value={query}
        onChange={setQuery}
        machine
        placeholder="all lines"
      />
      <p>
        Raise a notification for{' '}
        <NumberField
          label="Number of lines"
          value={lines}
          onChange={setLines}
          unit="lines"
          error={boundsText(threshold, watchBounds.threshold)}
        />{' '}
        within{' '}
        <NumberField
          label="Seconds in which they are written"
          value={within}
          onChange={setWithin}
          unit="s"
          error={boundsText(windowSeconds, watchBounds.windowSeconds)}
        />
        , then no other one for{' '}
        <NumberField
          label="Seconds without another notification"
          value={quiet}
          onChange={setQuiet}
          unit="s"
          error={boundsText(quietSeconds, watchBounds.quietSeconds)}
        />
        .
      </p>
      <SelectField
        label="Count"
        value={groupBy}
        onChange={(chosen) => setGroupBy(watchGroups.find((one) => one === chosen) ?? groupBy)}
        options={watchGroups.map((value) => ({ value, label: groupTexts[value] }))}
      />
      <CheckField
        label={`Only lines of ${props.applianceText}`}
        checked={isChosenOnly}
        onChange={setIsChosenOnly}
        disabled={props.applianceIds.length === 0}
      />
      {change.error === null ? null : <ErrorNotice error={toErrorData(change.error)} />}
      <div className={layout.row}>
        <Button kind="primary" submit disabled={!isValid} busy={change.isPending}>
          Add rule
        </Button>
      </div>
    </form>
  );
}
