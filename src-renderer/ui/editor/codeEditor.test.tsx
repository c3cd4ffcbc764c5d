import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { findCodeEditor } from '../../../test-support/renderer/codeEditor.ts';
import { UiProvider } from '../UiProvider.tsx';
import { CodeEditor } from './CodeEditor.tsx';
import type { EditorFinding } from './editorTypes.ts';
import { maxEditorLength } from './editorExtensions.ts';

const noFindings: readonly EditorFinding[] = [];

function Page({ text, findings = noFindings }: { text: string; findings?: readonly EditorFinding[] }) {
  const [value, setValue] = useState(text);
  return (
    <UiProvider env="test">
      <CodeEditor
        label="File"
        value={value}
        onChange={setValue}
        onFile={() => undefined}
        findings={findings}
        place={null}
        placeholder="Type here"
      />
      <output data-testid="value">{JSON.stringify(value.slice(0, 100))}</output>
    </UiProvider>
  );
}

const value = (): unknown => JSON.parse(screen.getByTestId('value').textContent);

test('when Tab is pressed, it indents; after Escape, it leaves the editor, and the editor says so', async () => {
  render(<Page text="a: 1" />);
  const { element, moveTo } = await findCodeEditor('File');
  // Resolves to whether the browser may do what it does with the key.
  const press = (key: string, keyCode: number) => fireEvent.keyDown(element, { key, keyCode });
  element.focus();
  moveTo(0);
  expect(press('Tab', 9)).toBe(false);
  expect(value()).toBe('  a: 1');
  const hint = document.getElementById(element.getAttribute('aria-describedby') ?? '');
  expect(hint?.textContent).toContain('press Escape, then Tab');
  press('Escape', 27);
  expect(press('Tab', 9)).toBe(true);
  expect(value()).toBe('  a: 1');
  // Another key between them means typing again.
  press('Escape', 27);
  press('x', 88);
  expect(press('Tab', 9)).toBe(false);
});

test('when a paste is too large, the editor keeps its text and says why', async () => {
  render(<Page text="a: 1" />);
  const { change, text } = await findCodeEditor('File');
  change('x'.repeat(maxEditorLength + 1));
  expect(text()).toBe('a: 1');
  expect(await screen.findByText('The text is too large')).toBeDefined();
});

test('when a text has Windows line breaks, an edit keeps them', async () => {
  render(<Page text={'a: 1\r\nb: 2\r\n'} />);
  const { change, text } = await findCodeEditor('File');
  expect(text()).toBe('a: 1\nb: 2\n');
  change('a: 1\nb: 3\n');
  expect(value()).toBe('a: 1\r\nb: 3\r\n');
});

test('when there are findings, their ranges are marked, also behind Windows line breaks', async () => {
  render(
    <Page
      text={'a: 1\r\nb: 2\r\n'}
      findings={[{ from: 9, to: 10, severity: 'error', message: 'b is wrong\u202e' }]}
    />,
  );
  const { element } = await findCodeEditor('File');
  await expect.poll(() => element.querySelector('.cm-lintRange-error')?.textContent).toBe('2');
});

test('when a file is dropped, the page gets it and the editor inserts nothing', async () => {
  render(<Page text="a: 1" />);
  const { element, text } = await findCodeEditor('File');
  fireEvent.drop(element, { dataTransfer: { files: [new File(['b: 2'], 'x.yml')] } });
  await Promise.resolve();
  expect(text()).toBe('a: 1');
});
