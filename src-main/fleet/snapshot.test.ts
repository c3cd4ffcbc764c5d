import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { splitAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import type { WatchLine } from '../../src-shared/model/watch/watchLines.ts';
import { aLicence } from '../../test-support/aLicence.ts';
import { readSnapshot } from './snapshot.ts';

const now = '2026-11-20T09:00:00.000Z';
const status = {
  contract: 1 as const,
  identity: { id: '7f5f1d0e-5c8a-4c39-9f0e-2a9d9a7d5c11', hostname: 'kiln-01' },
  versions: { appliance: '1.14.4', kit: '0.1.0', sshd: null, os: null },
  clock: { now, ranBackFrom: null },
  uptimeSeconds: 10,
  disks: [],
  services: [],
  findings: [],
  logs: { syslog: '/var/log/syslog' },
};
const remoteNetworks = {
  contract: 1 as const,
  portRange: { first: 2200, last: 2299 },
  tenants: [],
  refusedLogIns: [],
};
const licence = aLicence({});
const snapshot = (ageMs: number): Extract<WatchLine, { type: 'snapshot' }> => ({
  type: 'snapshot',
  version: 1,
  epoch: 'e',
  revision: 1,
  seen: { ms: 50_000 - ageMs, sentMs: 50_000, now, uptimeSeconds: 10 },
  parts: Object.fromEntries(splitAppliance({ status, remoteNetworks, licence })),
});

/** Reads from an appliance that says `line` 100 ms after it was asked. */
async function read(line: () => WatchLine) {
  let time = 0;
  let isEnded = false;
  const found = await readSnapshot(
    {
      watch: async function* watch({ signal }) {
        try {
          time += 100;
          yield line();
        } finally {
          isEnded = signal.aborted;
        }
      },
    },
    () => time,
  );
  return { found, isEnded };
}

test('when an appliance says its first line, reads all of it and ends the command', async () => {
  const { found, isEnded } = await read(() => snapshot(30));
  expect(found).toEqual({ watched: { status, remoteNetworks, licence }, ageMs: 30 });
  expect(isEnded).toBe(true);
});

test('when the line says what held before it was asked, reads nothing', async () => {
  expect(await read(() => snapshot(101))).toEqual({ found: null, isEnded: true });
});

test('when the command fails or says nothing that fits together, reads nothing', async () => {
  const missing = await read(() => {
    throw new AppError('COMMAND_MISSING', 'ke_watch is missing');
  });
  expect(missing.found).toBeNull();
  expect((await read(() => ({ ...snapshot(0), parts: {} }))).found).toBeNull();
});

test('when this program fails, does not hide it', async () => {
  await expect(
    read(() => {
      throw new TypeError('defect');
    }),
  ).rejects.toThrow('defect');
});
