import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portsCsv } from '../../../src-shared/model/tunnels/portColumns.ts';
import { aPortRow } from '../../../test-support/aPortRow.ts';
import { portTable } from './commands/portTable.ts';
import { formatValue, formatTable, terminalJson, terminalText } from './output.ts';

/** Matches characters that control a terminal or are invisible, except line ends and tabs. */
const acting = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\t\n]]/v;
const withoutEmoji = (text: string) => text.replace(/\p{RGI_Emoji}/gv, '');
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001b',
      '\u009b',
      '\u0007',
      '\u202e',
      '\u200b',
      '\u{e0041}',
      '\r',
      '\n',
      '"',
      ',',
      '=',
      'a',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

/** Table rows with any texts, because a hostile appliance may send any. */
const rows = fc.array(
  hostile.map((text) =>
    aPortRow({
      applianceName: text,
      clientId: text,
      destination: text,
      group: text,
      repository: text,
      word: text,
      peer: text,
      connectVersion: text,
      since: text,
      lastSeenAt: text,
      observedAt: text,
      probedAt: text,
      lastDrop: { at: text, reason: text },
      cluster: text,
    }),
  ),
  { minLength: 1, maxLength: 3 },
);

describe('no printed text controls the terminal', () => {
  test('in a table, a line and CSV, which has a line for each row', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const csv = terminalText(portsCsv(list));
        expect(csv.split('\r\n')).toHaveLength(list.length + 1);
        expect(withoutEmoji(csv.replaceAll('\r\n', ''))).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u,
        );
        const printed = terminalText(portTable(list));
        expect(printed.split('\n')).toHaveLength(list.length + 1);
        expect(withoutEmoji(printed)).not.toMatch(acting);
        expect(withoutEmoji(formatValue(list[0]?.word))).not.toMatch(acting);
        expect(formatTable(['A'], [[list[0]?.word]]).split('\n')).toHaveLength(2);
      }),
    );
  });

  test('in any text for people, whichever command made it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(withoutEmoji(terminalText(text).replaceAll('\r\n', '\n'))).not.toMatch(acting);
      }),
    );
  });

  test('in JSON, which still holds the same value', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = terminalJson({ text, [text]: [text] }, 2);
        expect(withoutEmoji(json)).not.toMatch(acting);
        expect(JSON.parse(json)).toEqual({ format: 1, text, [text]: [text] });
      }),
    );
  });
});
