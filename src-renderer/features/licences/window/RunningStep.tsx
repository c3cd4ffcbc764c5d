import type { WindowView } from '../../../../src-shared/model/licence/connectedWindow.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import { useNow } from '../../../ui/feedback/now.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Facts } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

const phases: Record<WindowView['phase'], string> = {
  opening: 'Opening…',
  open: 'Open',
  closing: 'Closing…',
  closed: 'Closed. Reading the licence…',
};

/** An open window with its countdown and what it has carried. */
export function RunningStep({
  window,
  isCancelling,
  onCancel,
}: {
  window: WindowView;
  isCancelling: boolean;
  onCancel: () => void;
}) {
  const now = useNow();
  const { lent, phase } = window;
  const left = lent === null ? null : Math.max(0, Math.ceil((Date.parse(lent.closesAt) - now) / secondMs));
  return (
    <div className={layout.stack}>
      <p aria-live="polite">
        <b>{phases[phase]}</b>
        {window.isDryRun ? ' Only checking.' : ''}
      </p>
      <Facts
        facts={[
          ['Closes in', phase === 'open' && left !== null ? `${left} s` : '–'],
          ['Host', <MachineText key="host" text={window.host} />],
          ['Port', window.port],
          ['To the authority', `${window.sentBytes} bytes`],
          ['From the authority', `${window.receivedBytes} bytes`],
          ['Connections', window.connections],
        ]}
      />
      <p className={textStyles.sub}>
        The window goes on if you close this dialog. What is installed when it closes stays.
      </p>
      <div className={`${layout.row} ${styles.dialogEnd}`}>
        <Button
          kind="danger"
          busy={isCancelling}
          disabled={phase === 'closing' || phase === 'closed'}
          onClick={onCancel}
        >
          Close the window now
        </Button>
      </div>
    </div>
  );
}
