import { expect, test } from 'vitest';
import { availabilityCsv, availabilityPercent, outagesCsv } from './availabilityReport.ts';

const tunnel = {
  applianceId: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001',
  applianceName: 'kiln',
  clientId: 'acme',
  port: 2200,
  watchedMs: 86_400_000,
  upMs: 86_399_000,
  outages: [
    {
      start: '2026-11-20T07:00:00.000Z',
      end: '2026-11-20T07:00:01.000Z',
      code: 'T-3001',
      reason: '=timed out',
    },
    { start: '2026-11-20T09:00:00.000Z', end: null, code: 'T-6001', reason: '' },
  ],
};
const period = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };

test('when availability is exported, includes the watched time beside the percentage', () => {
  const noChangeFeed = { ...tunnel, port: null, watchedMs: 0, upMs: 0, outages: [] };
  expect(availabilityCsv([tunnel, noChangeFeed], period).split('\r\n')).toEqual([
    'appliance,tenant,port,from,to,watched_s,up_s,availability_percent,outages',
    '"kiln","acme",2200,"2026-11-20T00:00:00.000Z","2026-11-21T00:00:00.000Z",86400,86399,99.998,2',
    '"kiln","acme",,"2026-11-20T00:00:00.000Z","2026-11-21T00:00:00.000Z",0,0,,0',
  ]);
});

test('when outages are exported, an unseen end is empty, and no cell is a formula', () => {
  expect(outagesCsv([tunnel]).split('\r\n')).toEqual([
    'appliance,tenant,port,start,end,code,reason',
    '"kiln","acme",2200,"2026-11-20T07:00:00.000Z","2026-11-20T07:00:01.000Z","T-3001","\'=timed out"',
    '"kiln","acme",2200,"2026-11-20T09:00:00.000Z",,"T-6001",""',
  ]);
});

test('when there was an outage, the percentage is below 100', () => {
  expect(availabilityPercent({ upMs: 2_591_999_999, watchedMs: 2_592_000_000 })).toBe(99.999);
  expect(availabilityPercent({ upMs: 10, watchedMs: 10 })).toBe(100);
  expect(availabilityPercent({ upMs: 57, watchedMs: 100 })).toBe(57);
  expect(availabilityPercent({ upMs: 29, watchedMs: 100 })).toBe(29);
  expect(availabilityPercent({ upMs: 0, watchedMs: 0 })).toBeNull();
});
