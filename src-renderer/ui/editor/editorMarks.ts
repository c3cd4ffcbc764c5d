import { RangeSet, StateEffect, StateField, type Extension, type Text } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  gutter,
  GutterMarker,
  WidgetType,
  type DecorationSet,
} from '@codemirror/view';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import type { EditorFinding, EditorFix, EditorNote } from './editorTypes.ts';

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

const severityWords = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

/** A finding below its line. Only for the eye and the pointer: the page lists the findings for everyone. */
class MessageWidget extends WidgetType {
  readonly finding: EditorFinding;
  readonly doc: Text;

  constructor(finding: EditorFinding, doc: Text) {
    super();
    this.finding = finding;
    this.doc = doc;
  }

  override eq(other: MessageWidget): boolean {
    return other.doc === this.doc && other.finding === this.finding;
  }

  override get estimatedHeight(): number {
    return 26;
  }

  override toDOM(view: EditorView): HTMLElement {
    const { severity, message, fix } = this.finding;
    const line = document.createElement('div');
    line.dataset['part'] = 'message';
    line.dataset['tone'] = severity;
    line.setAttribute('aria-hidden', 'true');
    const word = document.createElement('b');
    word.textContent = severityWords[severity];
    const text = document.createElement('span');
    text.textContent = message;
    line.append(word, text);
    if (fix != null) line.append(this.createButton(view, fix));
    return line;
  }

  private createButton(view: EditorView, { title, edits }: EditorFix): HTMLElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.tabIndex = -1;
    button.textContent = visibleText(title);
    button.addEventListener('click', () => {
      // The edits are for the text that was checked.
      if (view.state.readOnly || view.state.doc !== this.doc) return;
      view.dispatch({
        changes: edits.map(({ from, to, text: insert }) => ({ from, to, insert })),
        userEvent: 'input.fix',
      });
      view.focus();
    });
    return button;
  }
}

class ChangedMarker extends GutterMarker {
  override toDOM(): HTMLElement {
    const mark = document.createElement('i');
    mark.dataset['part'] = 'changed';
    mark.title = 'Changed';
    return mark;
  }
}

export const setNotes = StateEffect.define<readonly EditorNote[]>();
export const setMarkedLines = StateEffect.define<readonly EditorFinding[]>();
export const setMessages = StateEffect.define<readonly EditorFinding[]>();
export const setChangedLines = StateEffect.define<readonly number[]>();

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

const messages = createMarks(setMessages, (marks, { doc }) =>
  Decoration.set(
    [...marks]
      .sort(byPlace)
      .map((finding) =>
        Decoration.widget({ widget: new MessageWidget(finding, doc), block: true, side: 1 }).range(
          doc.lineAt(Math.min(finding.from, doc.length)).to,
        ),
      ),
    true,
  ),
);

const changedMarker = new ChangedMarker();
const changed = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update: (marks, { effects, changes, state: { doc } }) => {
    const set = effects.find((effect) => effect.is(setChangedLines));
    if (set === undefined) return marks.map(changes);
    const known = set.value.filter((line) => line >= 1 && line <= doc.lines);
    return RangeSet.of(
      known.map((line) => changedMarker.range(doc.line(line).from)),
      true,
    );
  },
});

/** A column for the marks of changed lines. */
export const changedGutter = [
  changed,
  gutter({
    markers: (view) => view.state.field(changed),
    initialSpacer: () => new ChangedMarker(),
  }),
];

export const editorMarks = [notes, lines, messages];
