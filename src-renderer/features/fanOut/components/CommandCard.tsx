import type { ReactNode } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { FleetRun } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { formatDuration, secondMs } from '../../../../src-shared/base/time.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Facts } from '../../../ui/layout/Card.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { CommandLine, MachineBlock } from '../../../ui/text/Machine.tsx';
import { saveText } from '../../../ui/text/saveText.ts';
import { keysFile, terminalCommand } from '../terminalCommand.ts';
import card from '../../../ui/layout/Card.module.css';
import text from '../../../ui/text/text.module.css';
import styles from '../fanOut.module.css';

type Shown = Pick<FleetRun, 'task' | 'order' | 'command'>;

/** The command as it runs on each appliance, the same run from a terminal, and the order. `children`: below a line. */
export function CommandCard({
  run,
  names,
  isAll,
  canary,
  children,
}: {
  run: Shown;
  names: readonly string[];
  isAll: boolean;
  canary: string | null;
  children: ReactNode;
}) {
  const { task, order, command } = run;
  const terminal = terminalCommand({ task, order, names, isAll, canary });
  const watched =
    order.watchSeconds > 0
      ? `, then watch its tunnels for ${formatDuration(order.watchSeconds * secondMs)}`
      : '';
  return (
    <section className={card.card} aria-label="Command on each appliance">
      <div className={styles.command}>
        <div className={styles.commandTexts}>
          <p className={text.sub}>Command on each appliance</p>
          <CommandLine text={command} label="Command on each appliance" />
          {task.kind === 'configuration' ? (
            <MachineBlock text={task.keys.trimEnd()} label="Keys to set" />
          ) : null}
          <p className={styles.terminal}>
            <span className={text.sub}>Same run from a terminal</span>{' '}
            <code className={text.mono}>{visibleText(terminal)}</code>{' '}
            <button type="button" className={text.linkButton} onClick={() => copyText(terminal)}>
              Copy
            </button>
            {task.kind === 'configuration' ? (
              <>
                {' '}
                <button
                  type="button"
                  className={text.linkButton}
                  onClick={() => saveText({ name: keysFile, type: 'text/yaml', text: task.keys })}
                >
                  Save {keysFile}
                </button>
              </>
            ) : null}
          </p>
        </div>
        <Facts
          facts={[
            ['Canary', canary === null ? 'none' : `${canary}${watched}`],
            ['Waves', `${order.wave} at a time, production last`],
            [
              'Stop',
              order.stopAfter === null
                ? 'never'
                : `after ${order.stopAfter} failed. Those already running finish.`,
            ],
          ]}
        />
      </div>
      <footer className={styles.commandFoot}>{children}</footer>
    </section>
  );
}

export function CopyButton({ value }: { value: string }) {
  return (
    <Button small onClick={() => copyText(value)}>
      Copy
    </Button>
  );
}
