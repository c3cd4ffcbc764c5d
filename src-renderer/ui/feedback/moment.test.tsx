import '../../../test-support/renderer/pageSetup.ts';
import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { formatLocal, localMoments, MomentText } from './Moment.tsx';

const at = '2026-11-20T09:30:00.000Z';
const sentence = `northwind hasn’t been connected since ${formatInstant(at)} (session ended).`;

test('when a sentence has a moment in UTC, the page shows it in local time and UTC on hover', () => {
  render(<MomentText text={sentence} />);
  const time = screen.getByTitle('2026-11-20 09:30:00 UTC');
  expect(time.textContent).toBe(formatLocal(at));
  expect(time.getAttribute('datetime')).toBe(at);
  expect(localMoments(sentence)).toBe(
    `northwind hasn’t been connected since ${formatLocal(at)} (session ended).`,
  );
});

test('when a sentence has hidden characters, they are made visible around its moments', () => {
  render(<MomentText text={`a\u0007 ${formatInstant(at)} b`} />);
  expect(screen.getByText(/a␇/u)).toBeTruthy();
});
