import { type ChangeEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import {
  applySuggestion,
  completeQuery,
  type Suggestion,
} from '../../../../src-shared/model/syslog/query/completeQuery.ts';
import type { ValuesOf } from '../../../../src-shared/model/syslog/query/impliedTerms.ts';

type Field = RefObject<HTMLInputElement | null>;

/** Suggestions that are shown at once. */
const maxShown = 8;

/** The cursor of a text field. It can be moved for a text that is shown next. */
function useFieldCursor(field: Field, text: string, onScroll: (left: number) => void) {
  const nextCursor = useRef<number | null>(null);
  const [cursor, setCursor] = useState(text.length);

  useEffect(() => {
    if (nextCursor.current === null) return;
    field.current?.setSelectionRange(nextCursor.current, nextCursor.current);
    nextCursor.current = null;
  });
  return {
    cursor,
    moveTo: (next: number): void => {
      nextCursor.current = next;
      setCursor(next);
    },
    noteCursor: (): void => {
      const element = field.current;
      if (element === null) return;
      setCursor(element.selectionStart ?? element.value.length);
      onScroll(element.scrollLeft);
    },
  };
}

/** How a query can go on at the cursor of its field, and the keys that choose among this. */
export function useQueryCompletion(options: {
  field: Field;
  /** Called with where the field is scrolled to, in px. */
  onScroll: (left: number) => void;
  text: string;
  onChange: (text: string) => void;
  valuesOf: ValuesOf;
}) {
  const { field, text, onChange, valuesOf } = options;
  const { cursor, moveTo, noteCursor } = useFieldCursor(field, text, options.onScroll);
  const [isFocused, setIsFocused] = useState(false);
  const [active, setActive] = useState(0);
  const completion = isFocused
    ? completeQuery({ text, cursor: Math.min(cursor, text.length), valuesOf })
    : null;
  const suggestions = (completion?.suggestions ?? []).slice(0, maxShown);
  const chosen = suggestions[Math.min(active, suggestions.length - 1)];

  const take = (suggestion: Suggestion): void => {
    if (completion === null) return;
    const applied = applySuggestion(text, completion, suggestion);
    moveTo(applied.cursor);
    setActive(0);
    onChange(applied.text);
    field.current?.focus();
  };
  /** If nothing is typed yet, Tab leaves the field. */
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

  return {
    suggestions,
    /** The suggestion that Tab takes. */
    chosen,
    take,
    onChange: (event: ChangeEvent<HTMLInputElement>): void => {
      setActive(0);
      onChange(event.currentTarget.value);
      noteCursor();
    },
    onKeyDown,
    /** For each event after which the cursor may be elsewhere. */
    noteCursor,
    onFocus: () => setIsFocused(true),
    onBlur: () => setIsFocused(false),
  };
}
