import { type ReactNode, type Ref, type RefObject, useEffect, useId, useRef } from 'react';
import type { Suggestion } from '../../../../src-shared/model/syslog/query/completeQuery.ts';
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
import { useQueryCompletion } from './useQueryCompletion.ts';
import styles from './kept.module.css';

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

/** Moves the focus to the field by a key, and at the start if `takesFocus`. */
function useFieldFocus(field: RefObject<HTMLInputElement | null>, takesFocus: boolean): void {
  useEffect(() => {
    if (takesFocus) field.current?.focus();
  }, [field, takesFocus]);
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
}

/** The query, with coloured terms, what is wrong with it, and how it can go on. */
export function QueryField({ text, takesFocus, checked, onChange, valuesOf, ...props }: Props) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const completion = useQueryCompletion({
    field,
    text,
    onChange,
    valuesOf,
    onScroll: (left) => {
      if (mirror.current !== null) mirror.current.scrollLeft = left;
    },
  });
  const { suggestions, chosen } = completion;
  const { problem } = checked;
  useFieldFocus(field, takesFocus);

  return (
    <div className={styles.query}>
      <div className={styles.queryRow}>
        <div className={styles.queryBox} data-wrong={problem !== null}>
          <ColouredQuery ref={mirror} text={text} checked={checked} />
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
            onChange={completion.onChange}
            onKeyDown={completion.onKeyDown}
            onKeyUp={completion.noteCursor}
            onSelect={completion.noteCursor}
            onScroll={completion.noteCursor}
            onFocus={completion.onFocus}
            onBlur={completion.onBlur}
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
        <SuggestionList id={id} suggestions={suggestions} chosen={chosen} onTake={completion.take} />
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

/** The text of the query with coloured terms, behind the field, whose own text is not seen. */
function ColouredQuery({
  ref,
  text,
  checked,
}: Pick<Props, 'text' | 'checked'> & { ref: Ref<HTMLDivElement> }) {
  return (
    <div ref={ref} className={styles.mirror} aria-hidden="true">
      {splitQuery(text, checked.parsed?.terms ?? [], checked.problem).map((part, index) => (
        <span key={`${index}${part.text}`} data-part={part.kind}>
          {part.text}
        </span>
      ))}
    </div>
  );
}

function SuggestionList({
  id,
  suggestions,
  chosen,
  onTake,
}: {
  /** The ID of the field; IDs of the list and of its options begin with it. */
  id: string;
  suggestions: readonly Suggestion[];
  /** The suggestion that Tab takes. */
  chosen: Suggestion | undefined;
  onTake: (suggestion: Suggestion) => void;
}) {
  return (
    <div
      id={`${id}-suggestions`}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a datalist shows no counts
      role="listbox"
      aria-label="Suggestions"
      className={styles.suggestions}
    >
      {suggestions.map((suggestion) => (
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
          onClick={() => onTake(suggestion)}
        >
          {suggestion.label}
          {suggestion.count === null ? null : <b>{suggestion.count}</b>}
          {suggestion === chosen ? <kbd>Tab</kbd> : null}
        </div>
      ))}
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
