import '../../../test-support/renderer/pageSetup.ts';
import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { formatCsvCell } from '../../../src-shared/base/csvCell.ts';
import { Fingerprint, MachineBlock, MachineText, Marked } from './Machine.tsx';

const hostile = '<script>alert(1)</script>\u001b[31mred\u202etxt';

test('machine text is shown as text: no element, no acting control sign', () => {
  const { container } = render(
    <>
      <MachineText text={hostile} />
      <MachineBlock text={hostile} label="Raw output" />
    </>,
  );
  expect(container.querySelector('script')).toBeNull();
  expect(container.textContent).toContain('<script>alert(1)</script>␛[31mred⟨U+202E⟩txt');
  expect(container.textContent).not.toContain('\u001b');
  expect(container.textContent).not.toContain('\u202e');
});

test('a match is marked, everything else stays as it is', () => {
  const { container } = render(<Marked text="tenant=Northwind port=2204 northwind" query="northwind" />);
  expect([...container.querySelectorAll('mark')].map((mark) => mark.textContent)).toEqual([
    'Northwind',
    'northwind',
  ]);
  expect(container.textContent).toBe('tenant=Northwind port=2204 northwind');
});

test('a fingerprint is grouped for reading and whole for a screen reader', () => {
  const value = 'SHA256:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ';
  render(<Fingerprint value={value} label="Offered fingerprint" />);
  const shown = screen.getByLabelText(`Offered fingerprint ${value}`);
  expect(shown.textContent).toBe(value);
  expect([...shown.children].slice(1)).toHaveLength(11);
});

test('what an appliance printed never becomes a formula in an export', () => {
  expect(formatCsvCell('=1+1')).toBe(`"'=1+1"`);
  expect(formatCsvCell('say "hi"')).toBe('"say ""hi"""');
  expect(formatCsvCell(42)).toBe('42');
  expect(formatCsvCell(null)).toBe('');
});
