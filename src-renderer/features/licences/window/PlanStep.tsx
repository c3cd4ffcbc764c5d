import { type ReactNode, useState } from 'react';
import type { WindowPlan } from '../../../../src-shared/model/licence/connectedWindow.ts';
import { SelectField } from '../../../ui/form/Fields.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Facts } from '../../../ui/layout/Card.tsx';
import { CommandLine, MachineText } from '../../../ui/text/Machine.tsx';
import { useMay } from '../../system/queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

const times = [
  { value: '30', label: '30 s' },
  { value: '60', label: '1 min' },
  { value: '120', label: '2 min' },
  { value: '300', label: '5 min' },
];

/** What the connected window will do, to be confirmed. */
export function PlanStep({
  plan,
  isOpening,
  error,
  onOpen,
}: {
  plan: WindowPlan;
  isOpening: boolean;
  error: ReactNode;
  onOpen: (chosen: { plan: WindowPlan; seconds: number; isDryRun: boolean; acknowledged: string[] }) => void;
}) {
  const [seconds, setSeconds] = useState('60');
  const mayOpen = useMay('admin');
  const { authority, applianceName, voidedTrip, warnings } = plan;
  const open = (isDryRun: boolean) => onOpen({ plan, seconds: Number(seconds), isDryRun, acknowledged: [] });
  return (
    <div className={layout.stack}>
      <p>
        {applianceName} can’t reach its licence authority. This computer lends it its network for one command,
        to this host and port only, and closes it again.
      </p>
      <Facts
        facts={[
          ['Host', <MachineText key="host" text={authority.host} />],
          ['Port', authority.port],
          ...authority.sends.map(
            ({ path, fields }) =>
              [`Sends ${path}`, <MachineText key={path} text={fields.join(', ')} />] as const,
          ),
        ]}
      />
      <p className={textStyles.sub}>
        The connection is TLS: this computer carries it but can’t read it. Open for the command only, for at
        most 1 MB.
      </p>
      <CommandLine text={plan.command} label="Command" />
      {voidedTrip === null ? null : (
        <p className={styles.voids}>
          Trip {voidedTrip} is open. A check sends its request again and keeps it open. A renewal makes it
          void, with a new request.
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} className={styles.voids}>
          <MachineText text={warning} />
        </p>
      ))}
      <SelectField label="Time limit" value={seconds} onChange={setSeconds} options={times} />
      <p className={textStyles.sub}>
        A check shows what changes and installs nothing. “Renew now” renews at once if nothing gets lost;
        otherwise it installs nothing and shows each loss, to be accepted first.
      </p>
      {error}
      {mayOpen ? (
        <div className={`${layout.row} ${styles.dialogEnd}`}>
          <Button busy={isOpening} onClick={() => open(false)}>
            Renew now
          </Button>
          <Button kind="primary" busy={isOpening} onClick={() => open(true)}>
            Check first
          </Button>
        </div>
      ) : (
        <p className={textStyles.sub}>Only an administrator can open the window.</p>
      )}
    </div>
  );
}
