import { useState } from 'react';
import type { UsagePreviewView } from '../../../../src-shared/contract/usage.ts';
import { priceSchema } from '../../../../src-shared/model/billing/billingPlan.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { NumberField } from '../../../ui/form/NumberField.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { useSetThreshold } from '../queries.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';

/** The amount above which the console warns, and whether it does. Empty: no warning. */
export function ThresholdField({
  applianceId,
  currency,
  threshold,
  mayChange,
}: {
  applianceId: string;
  currency: string;
  threshold: UsagePreviewView['threshold'];
  mayChange: boolean;
}) {
  const saved = threshold?.threshold.amount ?? '';
  const [typed, setTyped] = useState(saved);
  const set = useSetThreshold();
  const isValid = typed === '' || priceSchema.safeParse(typed).success;
  return (
    <>
      {threshold === null || threshold.severity === null ? null : (
        <output className={feedback.word} data-tone={threshold.severity}>
          {threshold.message}
        </output>
      )}
      <form
        className={`${layout.row} ${layout.wrap}`}
        onSubmit={(event) => {
          event.preventDefault();
          if (isValid)
            set.mutate({ applianceId, threshold: typed === '' ? null : { amount: typed, currency } });
        }}
      >
        <span>Warn above</span>
        <NumberField
          label={`Warn above this amount in ${currency}`}
          value={typed}
          unit={currency}
          disabled={!mayChange}
          error={isValid ? undefined : 'Enter an amount like 4500 or 4500.00.'}
          onChange={setTyped}
        />
        {typed === saved || !mayChange ? null : (
          <Button submit small busy={set.isPending} disabled={!isValid}>
            Save
          </Button>
        )}
      </form>
      {set.error === null ? null : <ErrorNotice error={toErrorData(set.error)} />}
    </>
  );
}
