import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import {
  applySuggestion,
  completeQuery,
  type Suggestion,
} from '../../../../src-shared/model/syslog/query/completeQuery.ts';
import {
  applyImpliedTerms,
  findImpliedTerms,
  type ValuesOf,
} from '../../../../src-shared/model/syslog/query/impliedTerms.ts';
import { maxQueryLength } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import type { checkQuery } from '../../../../src-shared/model/syslog/query/parseQuery.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { useKeys } from '../../../ui/keyboard/keys.ts';
import { splitQuery } from './queryText.ts';
import styles from './kept.module.css';

/** Suggestions that are shown at once. */
const maxShown = 8;

type Props = {
  text: string;
  /** Whether it has the focus at the start. */
  takesFocus: boolean;
  checked: ReturnType<typeof checkQuery>;
  onChange: (text: string) => void;
  valuesOf: ValuesOf;
  /** What is found, and what can be done with the search. */
  result: ReactNode;
  onHelp: () => void;
  children?: ReactNode;
};

/** The query, with coloured terms, what is wrong with it, and how it can go on. */
export function QueryField({ text, takesFocus, checked, onChange, valuesOf, ...props }: Props) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const nextCursor = useRef<number | null>(null);
  const [cursor, setCursor] = useState(text.length);
  const [isFocused, setIsFocused] = useState(false);
  const [active, setActive] = useState(0);
  const { problem } = checked;
  const completion = isFocused
    ? completeQuery({ text, cursor: Math.min(cursor, text.length), valuesOf })
    : null;
  const suggestions = (completion?.suggestions ?? []).slice(0, maxShown);
  const chosen = suggestions[Math.min(active, suggestions.length - 1)];

  useEffect(() => {
    if (nextCursor.current === null) return;
    field.current?.setSelectionRange(nextCursor.current, nextCursor.current);
    nextCursor.current = null;
  });
  useEffect(() => {
    if (takesFocus) field.current?.focus();
  }, [takesFocus]);
  useKeys([
    {
      keys: ['/'],
      group: 'Syslog',
      text: 'Go to the query',
      run: () => {
        field.current?.focus();
        field.current?.select();
      },
    },
  ]);

  const take = (suggestion: Suggestion): void => {
    if (completion === null) return;
    const applied = applySuggestion(text, completion, suggestion);
    nextCursor.current = applied.cursor;
    setCursor(applied.cursor);
    setActive(0);
    onChange(applied.text);
    field.current?.focus();
  };
  /** Where nothing is typed yet, Tab leaves the field. */
  const canComplete =
    completion !== null &&
    chosen !== undefined &&
    (completion.field !== null || text.slice(completion.from, cursor) !== '');
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      if (text === '') event.currentTarget.blur();
      else onChange('');
    } else if (event.key === 'Tab' && !event.shiftKey && canComplete) {
      event.preventDefault();
      if (chosen !== undefined) take(chosen);
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && suggestions.length > 0) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : suggestions.length - 1;
      setActive((Math.min(active, suggestions.length - 1) + step) % suggestions.length);
    } else if (event.key === 'Enter') event.currentTarget.blur();
  };
  const noteCursor = (): void => {
    const element = field.current;
    if (element === null) return;
    setCursor(element.selectionStart ?? element.value.length);
    if (mirror.current !== null) mirror.current.scrollLeft = element.scrollLeft;
  };

  return (
    <div className={styles.query}>
      <div className={styles.queryRow}>
        <div className={styles.queryBox} data-wrong={problem !== null}>
          <div ref={mirror} className={styles.mirror} aria-hidden="true">
            {splitQuery(text, checked.parsed?.terms ?? [], problem).map((part, index) => (
              <span key={`${index}${part.text}`} data-part={part.kind}>
                {part.text}
              </span>
            ))}
          </div>
          <input
            ref={field}
            className={styles.queryInput}
            role="combobox"
            aria-label="Query"
            aria-expanded={suggestions.length > 0}
            aria-controls={`${id}-suggestions`}
            aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.label}`}
            aria-invalid={problem !== null}
            aria-describedby={`${id}-problem`}
            value={text}
            maxLength={maxQueryLength}
            placeholder="Search: a text, severity:<=err, program:sshd, tenant:northwind …  /"
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            onChange={(event) => {
              setActive(0);
              onChange(event.currentTarget.value);
              noteCursor();
            }}
            onKeyDown={onKeyDown}
            onKeyUp={noteCursor}
            onSelect={noteCursor}
            onScroll={noteCursor}
            onFocus={() => setIsFocused(true)}
            onBlur={() => setIsFocused(false)}
          />
          {props.result}
        </div>
        {props.children}
      </div>
      <div className={styles.queryHelp}>
        <span id={`${id}-problem`} className={styles.problem} role={problem === null ? undefined : 'alert'}>
          {problem?.message ?? checked.parsed?.remarks[0]?.message ?? ''}
        </span>
        <ImpliedTerms text={text} valuesOf={valuesOf} onChange={onChange} />
        <div
          id={`${id}-suggestions`}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a datalist shows no counts
          role="listbox"
          aria-label="Suggestions"
          className={styles.suggestions}
        >
          {suggestions.map((suggestion, index) => (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the focus and its keys
            <div
              key={suggestion.label}
              id={`${id}-${suggestion.label}`}
              // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- options of the field above
              role="option"
              aria-selected={suggestion === chosen}
              tabIndex={-1}
              className={styles.suggestion}
              title={suggestion.detail}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion)}
            >
              {suggestion.label}
              {suggestion.count === null ? null : <b>{suggestion.count}</b>}
              {index === Math.min(active, suggestions.length - 1) ? <kbd>Tab</kbd> : null}
            </div>
          ))}
        </div>
        <span className={styles.queryHint}>
          {problem === null && suggestions.length === 0 ? (
            <span>AND, OR, NOT, &quot;phrase&quot;, /regexp/, severity:&lt;=err</span>
          ) : null}
          <Button kind="quiet" small onClick={props.onHelp} title="Query help (F1)">
            Query help <kbd aria-hidden="true">F1</kbd>
          </Button>
        </span>
      </div>
    </div>
  );
}

/**
 * Offers the terms that find all lines about the names and times that the query has as words. Comes before the suggestions,
 * which vanish when it is clicked.
 */
function ImpliedTerms({ text, valuesOf, onChange }: Pick<Props, 'text' | 'valuesOf' | 'onChange'>) {
  const implied = findImpliedTerms(text, valuesOf);
  if (implied.length === 0) return null;
  return (
    <span className={styles.implied}>
      Searched for as text.
      <Button small onClick={() => onChange(applyImpliedTerms(text, implied))}>
        Search <span className={styles.impliedTerm}>{implied.map(({ term }) => term).join(' ')}</span> instead
      </Button>
    </span>
  );
}
