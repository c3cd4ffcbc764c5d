import { setDiagnostics } from '@codemirror/lint';
import { Annotation, Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useEffectEvent, useId, useMemo, useRef, useState } from 'react';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { useFileDrop } from '../form/useFileDrop.ts';
import { createExtensions } from './editorExtensions.ts';
import { setChangedLines, setMarkedLines, setMessages, setNotes } from './editorMarks.ts';
import type { EditorFinding, EditorNote, EditorProps, TextRange } from './editorTypes.ts';
import { createLineBreaks, type LineBreaks } from './lineBreaks.ts';
import styles from './CodeEditor.module.css';

/** Marks a change that came from the page and not from the user. */
const fromPage = Annotation.define<boolean>();
/** More than anyone reads; a hostile text has tens of thousands of findings. */
const maxMarked = 1000;
/** Messages below lines; a text with more is not read line by line. */
const maxMessages = 100;
const noNotes: readonly EditorNote[] = [];
const noFindings: readonly EditorFinding[] = [];

const readOnlyOf = (isReadOnly: boolean) => [
  EditorState.readOnly.of(isReadOnly),
  EditorView.contentAttributes.of({ 'aria-readonly': `${isReadOnly}` }),
];

/** The ranges as the editor's document has them. */
function placeIn<Range extends TextRange>(
  ranges: readonly Range[],
  { doc }: EditorState,
  { toDocument }: LineBreaks,
): Range[] {
  return ranges.slice(0, maxMarked).map((range) => {
    const from = Math.min(toDocument(range.from), doc.length);
    return { ...range, from, to: Math.min(Math.max(toDocument(range.to), from), doc.length) };
  });
}

/** The findings as the editor's document has them, with their fixes. */
function placeFindings(
  findings: readonly EditorFinding[],
  state: EditorState,
  breaks: LineBreaks,
): EditorFinding[] {
  return placeIn(findings, state, breaks).map(({ fix = null, ...finding }) => ({
    ...finding,
    message: visibleText(finding.message),
    fix: fix === null ? null : { ...fix, edits: placeIn(fix.edits, state, breaks) },
  }));
}

/** Creates the editor once and keeps it until the component is removed. */
function useEditorView(props: EditorProps, hintId: string) {
  const host = useRef<HTMLDivElement>(null);
  const [readOnly] = useState(() => new Compartment());
  const [view, setView] = useState<EditorView | null>(null);
  /** The text as the page has it. */
  const text = useRef(props.value);
  const breaks = useMemo(() => createLineBreaks(props.value), [props.value]);

  const onUpdate = useEffectEvent(
    ({
      docChanged,
      selectionSet,
      state,
      transactions,
    }: Parameters<Parameters<typeof EditorView.updateListener.of>[0]>[0]) => {
      const isFromPage = transactions.some((transaction) => transaction.annotation(fromPage) === true);
      if (docChanged && !isFromPage) {
        text.current = state.doc.sliceString(0, state.doc.length, breaks.lineBreak);
        props.onChange(text.current);
      }
      if (selectionSet || docChanged)
        props.onCursor?.(createLineBreaks(text.current).toText(state.selection.main.head));
    },
  );
  const create = useEffectEvent((parent: HTMLElement) => {
    const { label, placeholder, completeAt, helpAt } = props;
    return new EditorView({
      parent,
      state: EditorState.create({
        doc: props.value,
        extensions: [
          createExtensions({
            label,
            placeholder,
            completeAt,
            helpAt,
            hintId,
            hasChangeMarks: props.changedLines !== undefined,
          }),
          readOnly.of(readOnlyOf(props.isReadOnly ?? false)),
          EditorView.updateListener.of((update) => onUpdate(update)),
        ],
      }),
    });
  });

  useEffect(() => {
    if (host.current === null) return undefined;
    const created = create(host.current);
    setView(created);
    return () => created.destroy();
  }, []);
  const { value } = props;
  useEffect(() => {
    if (view === null || text.current === value) return;
    text.current = value;
    const changes = { from: 0, to: view.state.doc.length, insert: value };
    view.dispatch({ changes, annotations: fromPage.of(true) });
  }, [view, value]);
  return { host, view, readOnly, breaks };
}

/** A text editor for YAML with findings, help and completion. Accepts a dropped file. */
export function CodeMirrorEditor(props: EditorProps) {
  const { findings, notes = noNotes, place, isReadOnly = false, onFile } = props;
  const { showsMessages = false, changedLines } = props;
  const hintId = useId();
  const { host, view, readOnly, breaks } = useEditorView(props, hintId);
  const drop = useFileDrop(onFile);

  useEffect(() => {
    view?.dispatch({ effects: readOnly.reconfigure(readOnlyOf(isReadOnly)) });
  }, [view, readOnly, isReadOnly]);
  useEffect(() => {
    if (view === null) return;
    const marked = placeFindings(findings, view.state, breaks);
    const shown = showsMessages ? marked.slice(0, maxMessages) : noFindings;
    view.dispatch(setDiagnostics(view.state, marked), {
      effects: [setMarkedLines.of(marked), setMessages.of(shown)],
    });
  }, [view, findings, breaks, showsMessages]);
  useEffect(() => {
    if (changedLines !== undefined) view?.dispatch({ effects: setChangedLines.of(changedLines) });
  }, [view, changedLines]);
  useEffect(() => {
    view?.dispatch({ effects: setNotes.of(placeIn(notes, view.state, breaks)) });
  }, [view, notes, breaks]);
  const reveal = useEffectEvent((range: TextRange) => {
    const [found] = view === null ? [] : placeIn([range], view.state, breaks);
    if (view === null || found === undefined) return;
    view.focus();
    view.dispatch({
      selection: { anchor: found.from, head: found.to },
      effects: EditorView.scrollIntoView(found.from, { y: 'center' }),
    });
  });
  useEffect(() => {
    if (view !== null && place !== null) reveal(place);
  }, [view, place]);

  return (
    <div className={styles.editor} {...drop}>
      <div ref={host} className={styles.host} />
      <p id={hintId} className={styles.hint}>
        {isReadOnly ? 'Read-only.' : 'Tab indents. To leave the editor, press Escape, then Tab.'}
      </p>
    </div>
  );
}
