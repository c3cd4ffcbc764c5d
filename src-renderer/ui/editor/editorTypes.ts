/** A range of the text, in UTF-16 units. */
export type TextRange = { from: number; to: number };

/** A correction that a finding offers. */
export type EditorFix = { title: string; edits: readonly (TextRange & { text: string })[] };

export type EditorFinding = TextRange & {
  severity: 'error' | 'warning' | 'info';
  message: string;
  fix?: EditorFix | null;
};

/** A short text that is shown behind a range, such as what a mask means. */
export type EditorNote = TextRange & { text: string };

/** What can be inserted from `from` up to the cursor. */
export type EditorCompletion = {
  from: number;
  options: readonly { label: string; insert: string; detail: string; meaning: string }[];
};

/** What the editor says about the text under the pointer. */
export type EditorHelp = TextRange & { title: string; text: string };

export type EditorProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onFile: (file: File) => void;
  findings: readonly EditorFinding[];
  notes?: readonly EditorNote[];
  /** Shows each finding and its fix below its line. The page must also list them, for the keyboard. */
  showsMessages?: boolean;
  /** The lines that get a mark for a change, from 1. */
  changedLines?: readonly number[];
  /** A range to reveal and select. Each request is a new object, even for the same range. */
  place: TextRange | null;
  placeholder: string;
  isReadOnly?: boolean;
  /** Called with the offset of the cursor when it moves. */
  onCursor?: (offset: number) => void;
  completeAt?: ((text: string, offset: number) => EditorCompletion | null) | undefined;
  helpAt?: ((text: string, offset: number) => EditorHelp | null) | undefined;
};
