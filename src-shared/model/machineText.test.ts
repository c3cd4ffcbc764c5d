import fc from 'fast-check';
import { expect, it } from 'vitest';
import { visibleText } from './machineText.ts';

it('shows escape sequences as signs and leaves ordinary text alone', () => {
  expect(visibleText('\u001b[31mred\u001b[0m <script>')).toBe('␛[31mred␛[0m <script>');
  expect(visibleText('Zürich\tOK\n')).toBe('Zürich\tOK\n');
  expect(visibleText('a\u202eb')).toBe('a⟨U+202E⟩b');
});

it('lets no control character or direction override through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = visibleText(text);
      expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
      expect(shown.length).toBeGreaterThanOrEqual(text.length);
    }),
  );
});
