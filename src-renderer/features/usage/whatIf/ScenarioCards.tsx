import type { ReactNode } from 'react';
import type { WhatIf } from '../../../../src-shared/contract/usageChanges.ts';
import { formatMoney, type Amount } from '../../../../src-shared/model/billing/invoice.ts';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { NumberField } from '../../../ui/form/NumberField.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { DifferenceText } from '../components/AmountText.tsx';
import { readIdleDays, type Scenario } from './scenario.ts';
import card from '../../../ui/layout/Card.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './whatIf.module.css';
import text from '../../../ui/text/text.module.css';

type CardsProps = {
  scenario: Scenario;
  onChange: (changes: Partial<Scenario>) => void;
  /** Null until the appliance answered. */
  whatIf: WhatIf | null;
  onChoose: () => void;
  onShowIdle: () => void;
};

function StepCard(props: {
  label: string;
  isOn: boolean;
  isDisabled?: boolean;
  saving: Amount | null;
  onToggle: (isOn: boolean) => void;
  children: ReactNode;
}) {
  const { label, isOn, saving } = props;
  return (
    <section className={`${card.card} ${styles.step}`} data-on={isOn} aria-label={label}>
      <div className={layout.row}>
        <span className={layout.grow}>
          <CheckField
            label={label}
            checked={isOn}
            disabled={props.isDisabled ?? false}
            onChange={props.onToggle}
          />
        </span>
        <span className={styles.saving}>
          {saving === null ? (
            <span className={text.faint}>not included</span>
          ) : (
            <DifferenceText amount={negative(saving)} />
          )}
        </span>
      </div>
      {props.children}
    </section>
  );
}

/** What a saving adds to the bill. */
function negative(saving: Amount): Amount {
  if (!saving.known || !/[1-9]/u.test(saving.value)) return saving;
  const value = saving.value.startsWith('-') ? saving.value.slice(1) : `-${saving.value}`;
  return { known: true, value };
}

/** The savings in the order of the steps that the console priced. */
function savingsOf(scenario: Scenario, whatIf: WhatIf | null) {
  const steps = [...(whatIf?.priced.steps ?? [])];
  const take = (isOn: boolean) => (isOn ? (steps.shift()?.saving ?? null) : null);
  return {
    marks: take(scenario.isMarking && scenario.marks !== null),
    idle: take(scenario.isDeactivating && readIdleDays(scenario.idleDays) !== null),
    plan: take(scenario.isChangingPlan && scenario.planId !== ''),
  };
}

/** The three changes of a scenario, each with what it saves. */
export function ScenarioCards(props: CardsProps) {
  const savings = savingsOf(props.scenario, props.whatIf);
  return (
    <div className={styles.steps}>
      <MarkCard {...props} saving={savings.marks} />
      <IdleCard {...props} saving={savings.idle} />
      <PlanCard {...props} saving={savings.plan} />
    </div>
  );
}

type CardProps = CardsProps & { saving: Amount | null };

function MarkCard({ scenario, onChange, whatIf, onChoose, saving }: CardProps) {
  const { marks, isMarking } = scenario;
  const isForbidden = whatIf !== null && !whatIf.permitsMarks;
  return (
    <StepCard
      label="Mark accounts as internal"
      isOn={isMarking}
      isDisabled={marks === null || isForbidden}
      saving={saving}
      onToggle={(isOn) => onChange({ isMarking: isOn })}
    >
      <p>{marks === null ? 'No accounts chosen.' : marks.label} Fees are waived, their names are sent.</p>
      <div className={`${layout.row} ${layout.wrap}`}>
        <Button small disabled={isForbidden} onClick={onChoose}>
          Choose accounts…
        </Button>
        {whatIf === null ? null : (
          <span className={text.sub}>
            {isForbidden
              ? 'The licence permits no marks; the vendor enables them.'
              : 'The licence permits marks.'}
          </span>
        )}
      </div>
    </StepCard>
  );
}

function IdleCard({ scenario, onChange, onShowIdle, saving }: CardProps) {
  const { idleDays, isDeactivating } = scenario;
  const isValid = readIdleDays(idleDays) !== null;
  return (
    <StepCard
      label="Deactivate idle accounts"
      isOn={isDeactivating}
      isDisabled={!isValid}
      saving={saving}
      onToggle={(isOn) => onChange({ isDeactivating: isOn })}
    >
      <p>Accounts without a request for</p>
      <div className={`${layout.row} ${layout.wrap}`}>
        <NumberField
          label="Days without a request"
          unit="days or more"
          value={idleDays}
          onChange={(days) => onChange({ idleDays: days })}
          error={isValid ? undefined : '1 to 3660'}
        />
        <span className={layout.grow} />
        <Button small disabled={!isValid} onClick={onShowIdle}>
          Show accounts
        </Button>
      </div>
    </StepCard>
  );
}

function PlanCard({ scenario, onChange, whatIf, saving }: CardProps) {
  const { planId, isChangingPlan } = scenario;
  const plans = whatIf?.plans ?? [];
  const chosen = plans.find(({ id }) => id === planId);
  return (
    <StepCard
      label="Change plan"
      isOn={isChangingPlan}
      isDisabled={chosen === undefined}
      saving={saving}
      onToggle={(isOn) => onChange({ isChangingPlan: isOn })}
    >
      <p>
        {chosen === undefined
          ? 'Only the vendor changes a plan, by the next licence.'
          : chosen.total.known
            ? `“${chosen.label}” would cost ${formatMoney(chosen.total.value, chosen.currency)} for these accounts.`
            : `“${chosen.label}”: ${chosen.total.reason}`}
      </p>
      <div className={`${layout.row} ${layout.wrap}`}>
        <CompactSelect
          label="Plan"
          value={planId}
          options={[
            { value: '', text: 'Choose a plan' },
            ...plans.map(({ id, label }) => ({ value: id, text: label })),
          ]}
          onChange={(id) => onChange({ planId: id, isChangingPlan: id !== '' })}
        />
        <span className={text.sub}>
          {plans.length === 1 ? '1 plan' : `${plans.length} plans`} in the licence
        </span>
      </div>
    </StepCard>
  );
}
