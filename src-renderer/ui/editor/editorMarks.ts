import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, WidgetType, type DecorationSet } from '@codemirror/view';
import type { EditorFinding, EditorNote } from './editorTypes.ts';

class NoteWidget extends WidgetType {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override eq(other: NoteWidget): boolean {
    return other.text === this.text;
  }

  override toDOM(): HTMLElement {
    const note = document.createElement('span');
    note.dataset['part'] = 'note';
    note.textContent = this.text;
    return note;
  }
}

export const setNotes = StateEffect.define<readonly EditorNote[]>();
export const setMarkedLines = StateEffect.define<readonly EditorFinding[]>();

const byPlace = (left: { from: number }, right: { from: number }) => left.from - right.from;

/** Decorations that follow the text while it changes, until the effect sets new ones. */
function createMarks<Mark extends { from: number; to: number }>(
  effect: ReturnType<typeof StateEffect.define<readonly Mark[]>>,
  decorate: (marks: readonly Mark[], state: EditorView['state']) => DecorationSet,
): Extension {
  return StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update: (marks, transaction) => {
      const set = transaction.effects.find((one) => one.is(effect));
      return set === undefined ? marks.map(transaction.changes) : decorate(set.value, transaction.state);
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

const notes = createMarks(setNotes, (marks, { doc }) =>
  Decoration.set(
    [...marks]
      .filter(({ to }) => to <= doc.length)
      .sort(byPlace)
      .map(({ to, text }) => Decoration.widget({ widget: new NoteWidget(text), side: 1 }).range(to)),
    true,
  ),
);

const lines = createMarks(setMarkedLines, (marks, { doc }) => {
  const tones = new Map<number, EditorFinding['severity']>();
  for (const { from, severity } of marks) {
    const line = doc.lineAt(Math.min(from, doc.length)).from;
    if (severity !== 'info' && tones.get(line) !== 'error') tones.set(line, severity);
  }
  return Decoration.set(
    [...tones].map(([from, tone]) => Decoration.line({ attributes: { 'data-tone': tone } }).range(from)),
    true,
  );
});

export const editorMarks = [notes, lines];
