import {
  autocompletion,
  closeCompletion,
  completionKeymap,
  type CompletionSource,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
  placeholder,
  ViewPlugin,
} from '@codemirror/view';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { notify } from '../feedback/notify.ts';
import { styleNonce } from '../nonce.ts';
import { changedGutter, editorMarks } from './editorMarks.ts';
import { editorTheme } from './editorTheme.ts';
import type { EditorProps } from './editorTypes.ts';

/** Longer texts are refused, because every change is checked as a whole. */
export const maxEditorLength = 1024 * 1024;

/** How long Tab leaves the editor after Escape, milliseconds. */
const leavesMs = 10_000;

/** Refuses a paste that is too large, and says why. */
const boundLength = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.length <= maxEditorLength) return transaction;
  if (transaction.newDoc.length < transaction.startState.doc.length) return transaction;
  notify({
    title: 'The text is too large',
    text: `The editor holds at most ${maxEditorLength / 1024 / 1024} MB. Nothing was inserted.`,
    tone: 'warn',
  });
  return [];
});

/**
 * Replaces a selection itself. The browser would write the style of the replaced text into the document, which the page's
 * policy forbids and reports.
 */
const replaceSelection = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { state, composing } = view;
    if (state.readOnly || composing || state.selection.ranges.every(({ empty }) => empty)) return false;
    const text = event.data ?? event.dataTransfer?.getData('text/plain') ?? null;
    if (event.inputType !== 'insertText' || text === null) return false;
    view.dispatch(state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

/** Escape, then Tab leaves the editor. */
const leaveKey = keymap.of([
  {
    key: 'Escape',
    run: (view) => {
      view.setTabFocusMode(leavesMs);
      return true;
    },
  },
]);

function createCompletionSource(completeAt: NonNullable<EditorProps['completeAt']>): CompletionSource {
  return ({ state, pos, explicit }) => {
    const found = completeAt(state.doc.toString(), pos);
    if (found === null || (!explicit && found.from === pos)) return null;
    return {
      from: found.from,
      options: found.options.map(({ label, insert, detail, meaning }) => ({
        label,
        apply: insert,
        detail,
        info: meaning,
      })),
      validFor: /^[\w.-]*$/u,
    };
  };
}

/** The library leaves the help of a completion where it was, so a narrower window would cut it off. */
const closeCompletionOnResize = ViewPlugin.define((view) => {
  const close = () => closeCompletion(view);
  window.addEventListener('resize', close);
  return { destroy: () => window.removeEventListener('resize', close) };
});

const createHelp = (helpAt: NonNullable<EditorProps['helpAt']>) =>
  hoverTooltip((view, pos) => {
    const help = helpAt(view.state.doc.toString(), pos);
    if (help === null) return null;
    return {
      pos: help.from,
      end: help.to,
      create: () => {
        const dom = document.createElement('div');
        dom.dataset['part'] = 'help';
        const title = document.createElement('b');
        title.textContent = visibleText(help.title);
        dom.append(title, visibleText(help.text));
        return { dom };
      },
    };
  });

/** Everything of the editor that stays the same while it is shown. */
export function createExtensions(
  props: Pick<EditorProps, 'label' | 'placeholder' | 'completeAt' | 'helpAt'> & {
    hintId: string;
    hasChangeMarks: boolean;
  },
): Extension[] {
  const { label, completeAt, helpAt, hintId, hasChangeMarks } = props;
  return [
    EditorView.cspNonce.of(styleNonce()),
    editorTheme,
    hasChangeMarks ? changedGutter : [],
    lintGutter(),
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    highlightSpecialChars(),
    highlightSelectionMatches(),
    history(),
    indentOnInput(),
    indentUnit.of('  '),
    bracketMatching(),
    yaml(),
    editorMarks,
    search({ top: true }),
    placeholder(props.placeholder),
    boundLength,
    replaceSelection,
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-describedby': hintId,
      autocapitalize: 'off',
      spellcheck: 'false',
    }),
    // The page reads a dropped file, with its own limits.
    EditorView.domEventHandlers({ drop: ({ dataTransfer }) => (dataTransfer?.files.length ?? 0) > 0 }),
    autocompletion({
      icons: false,
      override: completeAt === undefined ? [] : [createCompletionSource(completeAt)],
    }),
    closeCompletionOnResize,
    helpAt === undefined ? [] : createHelp(helpAt),
    keymap.of([...completionKeymap, ...lintKeymap, ...searchKeymap]),
    leaveKey,
    keymap.of([...historyKeymap, ...defaultKeymap, indentWithTab]),
  ];
}
