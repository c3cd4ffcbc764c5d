import { Command } from 'commander';
import { expect, test } from 'vitest';
import { createOutput } from './output.ts';
import { addUsageCommands } from './usageCommands.ts';

const program = new Command();
addUsageCommands(program, {
  globals: () => ({ output: createOutput({ json: false }) }),
  finish: () => Promise.resolve(),
});

/** How `usage reconcile` reads the values of an option. */
function parse(flag: string, ...values: string[]): unknown {
  const reconcile = program.commands[0]?.commands.find((command) => command.name() === 'reconcile');
  const option = reconcile?.options.find(({ long }) => long === flag);
  return values.reduce<unknown>((before, value) => option?.parseArg?.(value, before), undefined);
}

test('when columns are named, a comma or an equals sign belongs to the name unless one of the words follows', () => {
  expect(parse('--map', 'line=Posten,amount=Betrag, netto (EUR),quantity=Menge')).toEqual({
    label: 'Posten',
    amount: 'Betrag, netto (EUR)',
    quantity: 'Menge',
  });
});

test.each(['', 'line', 'line=', '=Posten', 'lines=Posten'])(
  'when columns are named as %j, the value is refused',
  (text) => {
    expect(() => parse('--map', text)).toThrow(/^Enter/u);
  },
);

test('when an option is repeated, its pairs are collected, and a label may have an equals sign', () => {
  expect(parse('--line', 'A = B=users/tier-1', 'Support=admins')).toEqual({
    'A = B': 'users/tier-1',
    Support: 'admins',
  });
  expect(parse('--sign', '$=USD', '£=GBP')).toEqual({ $: 'USD', '£': 'GBP' });
  expect(parse('--leave-out', 'Total', 'Summe')).toEqual(['Total', 'Summe']);
});
