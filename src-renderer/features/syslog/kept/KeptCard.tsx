import type { ReactNode } from 'react';
import { PartBoundary } from '../../../ui/feedback/PartBoundary.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { CheckMenu } from '../../../ui/layout/CheckMenu.tsx';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { Chips } from '../../../ui/layout/Lists.tsx';
import { useRemembered } from '../../../ui/layout/useRemembered.ts';
import { columnFacts, columnNames, type ColumnName, type Columns, gridOf } from './columns.ts';
import card from '../../../ui/layout/Card.module.css';
import styles from './kept.module.css';

/** How the list looks; kept in the browser. */
export function useListLook(hasSkew: boolean) {
  const [isWrapped, setIsWrapped] = useRemembered('syslog-wrap', false);
  const [isFolding, setIsFolding] = useRemembered('syslog-fold', false);
  const [hasFacets, setHasFacets] = useRemembered('syslog-facets', false);
  const [skew, setSkew] = useRemembered('syslog-column-skew', true);
  const [appliance, setAppliance] = useRemembered('syslog-column-appliance', true);
  const [severity, setSeverity] = useRemembered('syslog-column-severity', true);
  const [program, setProgram] = useRemembered('syslog-column-program', true);
  const set: Record<ColumnName, (isShown: boolean) => void> = {
    skew: setSkew,
    appliance: setAppliance,
    severity: setSeverity,
    program: setProgram,
  };
  const columns: Columns = { skew: skew && hasSkew, appliance, severity, program };
  return {
    isWrapped,
    isFolding,
    hasFacets,
    columns,
    toggleWrap: () => setIsWrapped(!isWrapped),
    toggleFacets: () => setHasFacets(!hasFacets),
    toggleFolding: () => setIsFolding(!isFolding),
    toggleColumn: (name: ColumnName) => set[name](!{ skew, appliance, severity, program }[name]),
    chosenColumns: { skew, appliance, severity, program },
  };
}
export type ListLook = ReturnType<typeof useListLook>;

/** The list with its tools and the names of its columns. */
export function KeptCard(props: {
  look: ListLook;
  findError: (direction: 'older' | 'newer') => void;
  hasSpan: boolean;
  onClearSpan: () => void;
  bookmarkCount: number;
  onBookmarks: () => void;
  nothing: string | null;
  children: ReactNode;
}) {
  const { look } = props;
  const { columns } = look;
  return (
    <div className={`${card.card} ${styles.card}`}>
      <div className={styles.tools}>
        <Button small onClick={() => props.findError('older')} title="Previous error (p)">
          ↑ Previous error
        </Button>
        <Button small onClick={() => props.findError('newer')} title="Next error (n)">
          ↓ Next error
        </Button>
        {props.hasSpan ? (
          <Button small onClick={props.onClearSpan}>
            Clear range
          </Button>
        ) : null}
        <span className={styles.spring} />
        <Chips label="Lines">
          <FilterChip on={look.hasFacets} onToggle={look.toggleFacets} title="Count lines by value (f)">
            Facets
          </FilterChip>
          <FilterChip on={look.isFolding} onToggle={look.toggleFolding} title="Fold repeated lines (r)">
            Fold repeats
          </FilterChip>
          <FilterChip on={look.isWrapped} onToggle={look.toggleWrap} title="Wrap long lines (w)">
            Wrap
          </FilterChip>
        </Chips>
        <CheckMenu
          text="Columns"
          items={columnNames.map((name) => ({
            text: columnFacts[name].text,
            isOn: look.chosenColumns[name],
            toggle: () => look.toggleColumn(name),
          }))}
        />
        <Button small onClick={props.onBookmarks}>
          Bookmarks {props.bookmarkCount}
        </Button>
      </div>
      <div
        className={`${styles.line} ${styles.head}`}
        style={{ '--columns': gridOf(columns) }}
        aria-hidden="true"
      >
        <span />
        <span>Time</span>
        {columnNames.map((name) => (columns[name] ? <span key={name}>{columnFacts[name].text}</span> : null))}
        <span>Message</span>
      </div>
      <PartBoundary part="The list">{props.children}</PartBoundary>
      {props.nothing === null ? null : <p className={styles.nothing}>{props.nothing}</p>}
    </div>
  );
}
