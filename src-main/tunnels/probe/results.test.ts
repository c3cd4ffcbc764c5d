import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createInventory } from '../../inventory/inventory.ts';
import { openStore } from '../../store/store.ts';
import { createProbeResults } from './results.ts';
import { anInput } from '../../../test-support/anEntry.ts';

test('when an appliance is forgotten, a restart loads only the results of the others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-results-'));
  const store = openStore({ folder });
  const inventory = createInventory({ store, clock: Date.now, operator: 'ada' });
  const [kiln, mill] = ['kiln', 'mill'].map((name) => inventory.add(anInput(name), []).id);
  if (kiln === undefined || mill === undefined) throw new Error('not added');
  const at = '2026-11-20T09:00:00.000Z';
  const result = {
    at,
    port: 2200,
    uri: 'smb://files.lan:445',
    sessionPid: 7,
    forward: { outcome: 'silent', milliseconds: 5_000 },
    service: null,
  } as const;
  const results = createProbeResults(store);
  for (const id of [kiln, mill]) results.put(id, [result]);
  results.flush();
  expect(createProbeResults(store).of(kiln).get(2200)).toEqual(result);
  results.put(kiln, [{ ...result, port: 2201 }]);
  results.forget(kiln);
  results.flush();
  for (const known of [results, createProbeResults(store)])
    expect([known.of(kiln).size, known.of(mill).size]).toEqual([0, 1]);
  store.close();
  rmSync(folder, { recursive: true });
});
