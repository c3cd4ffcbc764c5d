import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { taskKinds } from '../../../../src-shared/model/fanOut/runOrder.ts';
import type { RunTask } from '../../../../src-shared/model/fanOut/runTask.ts';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { NumberField } from '../../../ui/form/NumberField.tsx';
import { Facts } from '../../../ui/layout/Card.tsx';
import { canaryOf, type OrderChoice } from '../choices.ts';
import layout from '../../../ui/layout/layout.module.css';

/** The canary, the size of waves, and when the run stops. */
export function OrderFields({
  kind,
  order,
  entries,
  onChange,
}: {
  kind: RunTask['kind'];
  order: OrderChoice;
  entries: readonly ApplianceEntry[];
  onChange: (order: OrderChoice) => void;
}) {
  const { order: initial } = taskKinds[kind];
  const canary = canaryOf(order, kind, entries);
  const valueOf = (field: Exclude<keyof OrderChoice, 'canary'>): string => {
    const value = initial[field];
    return order[field] ?? (value === null ? '' : String(value));
  };
  const change = (changes: OrderChoice): void => onChange({ ...order, ...changes });
  return (
    <Facts
      facts={[
        [
          'Canary',
          <span key="canary" className={`${layout.row} ${layout.wrap}`}>
            <CompactSelect
              label="Canary"
              value={canary}
              options={[
                { value: 'none', text: 'none' },
                { value: 'first', text: 'the first that can take it' },
                ...entries.map(({ id, name }) => ({ value: id, text: name })),
              ]}
              onChange={(value) => change({ canary: value })}
            />
            {canary === 'none' ? null : (
              <>
                then watch its tunnels for
                <NumberField
                  label="Seconds to watch the canary"
                  value={valueOf('watchSeconds')}
                  unit="s"
                  onChange={(watchSeconds) => change({ watchSeconds })}
                />
              </>
            )}
          </span>,
        ],
        [
          'Waves',
          <span key="waves" className={`${layout.row} ${layout.wrap}`}>
            <NumberField
              label="Appliances in a wave"
              value={valueOf('wave')}
              unit="at a time, production last"
              onChange={(wave) => change({ wave })}
            />
          </span>,
        ],
        [
          'Stop',
          <span key="stop" className={`${layout.row} ${layout.wrap}`}>
            after
            <NumberField
              label="Failures that stop the run; empty for never"
              value={valueOf('stopAfter')}
              unit={valueOf('stopAfter') === '' ? 'failures: never' : 'failed. Those already running finish.'}
              onChange={(stopAfter) => change({ stopAfter })}
            />
          </span>,
        ],
      ]}
    />
  );
}
