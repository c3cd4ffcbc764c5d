import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { adviseOn } from '../../../src-shared/model/tunnels/advice.ts';
import { layerNames, tunnelCodes, tunnelCodeSchema } from '../../../src-shared/model/tunnels/tunnelLayer.ts';

const file = new URL('../../../docs/tunnel-codes.md', import.meta.url);

describe('docs/tunnel-codes.md', () => {
  test('lists every code once, in order, with its layer and whose it is', async () => {
    const rows = (await readFile(file, 'utf8'))
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => /^T-\d{4}$/u.test(cells[1] ?? ''));
    const expected = Object.keys(tunnelCodes).map((name) => {
      const code = tunnelCodeSchema.parse(name);
      const { side } = adviseOn(
        { code, clientId: 'x', port: null, destination: null, layers: [], since: null, lastSeenAt: null },
        'y',
      );
      return [code, layerNames[Number(code[2]) - 1], side === 'none' ? '' : side];
    });
    expect(rows.map((cells) => [cells[1], cells[2], cells[4]])).toEqual(expected);
    expect(rows.every((cells) => (cells[3] ?? '').length > 10)).toBe(true);
  });
});
