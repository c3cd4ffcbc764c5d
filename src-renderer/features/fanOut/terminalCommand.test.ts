import { expect, test } from 'vitest';
import { terminalCommand } from './terminalCommand.ts';

const order = { canaryId: null, wave: 2, stopAfter: 1, watchSeconds: 120 };

test('when a change runs on some appliances, its command names them, the canary and the order', () => {
  expect(
    terminalCommand({
      task: { kind: 'tenant', action: { kind: 'resume', clientId: 'acme', quota: 4 } },
      order,
      names: ['kiln-01', 'kiln-02'],
      isAll: false,
      canary: 'kiln-02',
    }),
  ).toBe(
    'sallyport run tenant resume acme kiln-01 kiln-02 --quota 4 --canary kiln-02 --wave 2 --stop-after 1 --watch 120 --reason TEXT',
  );
});

test('when all appliances take part, the command does not list them', () => {
  const all = { order: { ...order, stopAfter: null }, names: ['kiln-01'], isAll: true, canary: null };
  expect(terminalCommand({ ...all, task: { kind: 'read', command: 'status' } })).toBe(
    'sallyport run read status --wave 2',
  );
  expect(terminalCommand({ ...all, task: { kind: 'configuration', keys: 'a: 1' } })).toBe(
    'sallyport run config keys.yml --all --no-canary --wave 2 --reason TEXT',
  );
});
