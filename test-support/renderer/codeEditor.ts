import { EditorView } from '@codemirror/view';
import { act, screen } from '@testing-library/react';

function viewOf(element: HTMLElement): EditorView {
  const view = EditorView.findFromDOM(element);
  if (view === null) throw new Error('no editor');
  return view;
}

/** The page's text editor with this label. Edits it as a user does, because jsdom has no text input for it. */
export async function findCodeEditor(label: string) {
  const element = await screen.findByRole('textbox', { name: label });
  const view = viewOf(element);
  return {
    element,
    text: () => view.state.doc.toString(),
    selected: () => view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to),
    isReadOnly: () => view.state.readOnly,
    change: (insert: string) =>
      act(() => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } })),
    moveTo: (anchor: number) => act(() => view.dispatch({ selection: { anchor } })),
  };
}
