import { useMemo } from 'react';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { createDiffRows, type DiffRow, type DiffSide } from './diffRows.ts';
import { countOf } from '../text/countOf.ts';
import layout from '../layout/layout.module.css';
import textStyles from '../text/text.module.css';
import styles from './diff.module.css';

/** More than anyone reads; the keys are listed apart. */
const maxRows = 600;

/** Which columns hold line numbers. The heading is hidden, so the widths are those of the columns. */
const columns = { paired: [true, false, true, false], inline: [true, true, false, false] } as const;

/** Two texts line by line, with secrets masked: side by side, or removed lines above added ones. */
export function LineDiff({ before, after, isPaired }: { before: string; after: string; isPaired: boolean }) {
  const rows = useMemo(() => createDiffRows(before, after, isPaired), [before, after, isPaired]);
  const left = rows.length - maxRows;
  return (
    <>
      <table className={styles.lines} data-paired={isPaired}>
        <caption className={layout.srOnly}>Changed lines</caption>
        <colgroup>
          {(isPaired ? columns.paired : columns.inline).map((isNumber, at) => (
            <col key={at} className={isNumber ? styles.lineNumbers : undefined} />
          ))}
        </colgroup>
        <thead className={layout.srOnly}>
          <tr>
            <th scope="col">Line before</th>
            <th scope="col">Before</th>
            <th scope="col">Line after</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, maxRows).map((row, at) => (
            <Row key={at} row={row} isPaired={isPaired} />
          ))}
        </tbody>
      </table>
      {left > 0 ? <p className={textStyles.sub}>and {countOf(left, 'more row')}</p> : null}
    </>
  );
}

function Row({ row, isPaired }: { row: DiffRow; isPaired: boolean }) {
  if (row.kind === 'gap')
    return (
      <tr data-kind="gap">
        <td colSpan={4}>{countOf(row.count, 'equal line')}</td>
      </tr>
    );
  const { kind, before, after } = row;
  if (isPaired)
    return (
      <tr>
        <Side side={before} isChanged={kind === 'changed'} sign="−" />
        <Side side={after} isChanged={kind === 'changed'} sign="+" />
      </tr>
    );
  const shown = after ?? before;
  const sign = kind === 'same' ? '' : after === null ? '−' : '+';
  return (
    <tr>
      <td className={styles.lineNumber}>{before?.number}</td>
      <td className={styles.lineNumber}>{after?.number}</td>
      <td className={styles.lineText} data-sign={sign} colSpan={2}>
        <Text text={shown?.text ?? ''} sign={sign} />
      </td>
    </tr>
  );
}

function Side({ side, isChanged, sign }: { side: DiffSide | null; isChanged: boolean; sign: '−' | '+' }) {
  const own = isChanged && side !== null ? sign : '';
  return (
    <>
      <td className={styles.lineNumber} data-sign={own}>
        {side?.number}
      </td>
      <td className={styles.lineText} data-sign={own} data-empty={side === null}>
        {side === null ? null : <Text text={side.text} sign={own} />}
      </td>
    </>
  );
}

function Text({ text, sign }: { text: string; sign: string }) {
  return (
    <>
      <span className={styles.sign}>{sign}</span>
      {visibleLine(text)}
    </>
  );
}
