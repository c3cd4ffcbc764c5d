import '../../../test-support/renderer/pageSetup.ts';
import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { applianceId, observedAt } from '../../../test-support/renderer/samples.ts';
import { createLogBuffer } from './buffer.ts';
import { LogView } from './components/LogView.tsx';

test('a hostile line is text, with its severity as a word', () => {
  const buffer = createLogBuffer();
  buffer.push({
    dropped: 0,
    linesPerSecond: 1,
    lines: [
      {
        seq: 1,
        applianceId,
        receivedAt: observedAt,
        time: observedAt,
        host: 'kiln-01',
        program: 'logger',
        pid: 7,
        severity: 'err',
        severityFrom: 'words',
        message: '<script>alert(1)</script> \u001b[2J',
        kind: 'line',
      },
    ],
  });
  const { container } = render(
    <LogView buffer={buffer} snapshot={buffer.snapshot()} nameOf={() => 'kiln-01'} query="" />,
  );
  expect(container.querySelector('script')).toBeNull();
  expect(screen.getByTestId('log-line').textContent).toContain('<script>alert(1)</script> ␛[2J');
  expect(screen.getByRole('img', { name: 'err, guessed from its text' }).dataset['edge']).toBe('bad');
});
