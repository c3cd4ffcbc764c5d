import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { useEscape } from '../../../ui/layout/useEscape.ts';
import { copyMachineText } from '../../../ui/text/copy.ts';
import { collectLines } from './collectLines.ts';
import { type Columns, gridOf } from './columns.ts';
import { LineCells } from './KeptRowView.tsx';
import type { ShownLine } from './shownLine.ts';
import styles from './kept.module.css';

const firstLines = 3;
const moreLines = 5;
const maxContext = 500;

/** The lines around a line on its appliance, without the query. */
export function ContextBox(props: {
  of: ShownLine;
  name: string;
  columns: Columns;
  marks: readonly string[];
  onCopyLink: () => void;
  onClose: () => void;
}) {
  const { of, name } = props;
  const { client } = useConsole();
  const [size, setSize] = useState({ before: firstLines, after: firstLines });
  const box = useEscape(props.onClose);
  const { applianceId, key } = of.kept;
  const context = useQuery({
    queryKey: ['log-context', of.id, size],
    queryFn: async ({ signal }) => {
      const around = { applianceIds: [applianceId], after: key };
      const [before, after] = await Promise.all([
        collectLines(client, { ...around, direction: 'older', limit: size.before }, signal),
        collectLines(client, { ...around, direction: 'newer', limit: size.after }, signal),
      ]);
      return { before, after };
    },
    placeholderData: (previous) => previous,
    gcTime: 0,
  });
  const { before = [], after = [] } = context.data ?? {};
  const lines = [...before, of, ...after];
  const add = (side: 'before' | 'after') =>
    setSize({ ...size, [side]: Math.min(maxContext, size[side] + moreLines) });
  return (
    <section ref={box} className={styles.context} aria-label="Context of the line" data-testid="context">
      <header>
        <h2>Context</h2>
        <span>
          {before.length} {before.length === 1 ? 'line' : 'lines'} before, {after.length} after, on {name},
          without the query
        </span>
        <Button small onClick={() => add('before')}>
          {moreLines} more ↑
        </Button>
        <Button small onClick={() => add('after')}>
          {moreLines} more ↓
        </Button>
        <Button
          small
          onClick={() =>
            copyMachineText(lines.map(({ kept }) => kept.text).join('\n'), `${lines.length} lines copied`)
          }
        >
          Copy
        </Button>
        <Button small onClick={props.onCopyLink}>
          Link
        </Button>
        <Button small kind="quiet" onClick={props.onClose} label="Close context">
          ✕
        </Button>
      </header>
      {context.error === null ? null : (
        <ErrorNotice error={toErrorData(context.error)} onRetry={() => void context.refetch()} />
      )}
      <div style={{ '--columns': gridOf(props.columns) }}>
        {lines.map((shown) => (
          <div key={shown.id} className={styles.line} data-of={shown === of}>
            <LineCells shown={shown} name={name} marks={props.marks} columns={props.columns} />
          </div>
        ))}
      </div>
    </section>
  );
}
