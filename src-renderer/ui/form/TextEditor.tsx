import { safeTitle } from '../text/safeTitle.ts';
import { memo, useEffect, useRef } from 'react';
import { useFileDrop } from './useFileDrop.ts';
import editor from './TextEditor.module.css';

export type LineMark = { line: number; tone: 'bad' | 'warn' | 'info'; title: string };

/** A range to reveal, in UTF-16 units of the text. Each request is a new object, even for the same range. */
export type TextRange = { from: number; to: number };

const maximumNumberedLines = 20_000;

type GutterProps = { lines: number; marks: readonly LineMark[] };

/** Has thousands of lines, so it is not rendered again for each key press. */
const Gutter = memo(function Gutter({ lines, marks }: GutterProps) {
  const byLine = new Map<number, LineMark>();
  for (const mark of marks) if (!byLine.has(mark.line)) byLine.set(mark.line, mark);
  const parts: { key: string; text: string; mark: LineMark | null }[] = [];
  let from = 1;
  const numbers = (to: number): string =>
    Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');
  for (const [line, mark] of [...byLine].sort(([left], [right]) => left - right)) {
    if (line > lines) break;
    if (line > from) parts.push({ key: `to ${line}`, text: numbers(line - 1), mark: null });
    parts.push({ key: `at ${line}`, text: `${line}\n`, mark });
    from = line + 1;
  }
  if (from <= lines) parts.push({ key: 'rest', text: numbers(lines), mark: null });
  return (
    <>
      {parts.map(({ key, text, mark }) =>
        mark === null ? (
          text
        ) : (
          <span key={key} data-tone={mark.tone} title={safeTitle(mark.title)}>
            {text}
          </span>
        ),
      )}
    </>
  );
});

/** A plain text editor with line numbers, marks beside them, and ranges to reveal. Accepts a dropped file. */
export function TextEditor({
  label,
  value,
  onChange,
  onFile,
  marks,
  place,
  placeholder,
  isReadOnly = false,
  onCursor,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onFile: (file: File) => void;
  marks: readonly LineMark[];
  place: TextRange | null;
  placeholder: string;
  isReadOnly?: boolean;
  /** Called with the offset of the cursor when it moves. */
  onCursor?: (offset: number) => void;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLPreElement>(null);
  const drop = useFileDrop(onFile);
  const lines = Math.min(value.split('\n').length, maximumNumberedLines);

  useEffect(() => {
    const field = area.current;
    if (place === null || field === null) return;
    field.focus();
    field.setSelectionRange(place.from, place.to);
    const line = field.value.slice(0, place.from).split('\n').length - 1;
    const lineHeight = Number.parseFloat(getComputedStyle(field).lineHeight) || 20;
    field.scrollTop = Math.max(0, line * lineHeight - field.clientHeight / 3);
    field.scrollLeft = 0;
  }, [place]);

  return (
    <div className={editor.editor} {...drop}>
      <pre className={editor.editorGutter} aria-hidden="true" ref={gutter}>
        <Gutter lines={lines} marks={marks} />
      </pre>
      <textarea
        ref={area}
        className={editor.editorText}
        aria-label={label}
        value={value}
        placeholder={placeholder}
        wrap="off"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        readOnly={isReadOnly}
        onChange={(event) => onChange(event.currentTarget.value)}
        onSelect={(event) => onCursor?.(event.currentTarget.selectionStart)}
        onScroll={(event) => {
          if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
