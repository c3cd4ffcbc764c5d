import { expect, test } from 'vitest';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { aWatchedAppliance } from '../../test-support/aWatchedAppliance.ts';
import { connectedLink } from '../../test-support/connectedLink.ts';
import type { Snapshot } from './observations.ts';
import { answerFacts, createQuiet, linkFacts } from './quietly.ts';

const began = Date.parse('2026-11-20T12:00:00.000Z');
const at = (milliseconds: number) => new Date(began + milliseconds).toISOString();
const link = { ...connectedLink, since: at(0), lastHeardAt: at(0), latencyMs: 3 };
const { status, remoteNetworks: networks, licence } = aWatchedAppliance;

/** What an appliance says after `milliseconds`, with changes. */
function said(
  milliseconds: number,
  changes: Partial<{ status: ApplianceStatus; skewMs: number }> = {},
): Snapshot {
  const observedAt = at(milliseconds);
  const clock = { ...status.clock, now: at(milliseconds + (changes.skewMs ?? 0)) };
  return {
    status: {
      observedAt,
      value: { ...(changes.status ?? status), uptimeSeconds: 1 + milliseconds / 1000, clock },
    },
    remoteNetworks: { observedAt, value: networks },
    licence: { observedAt, value: licence },
  };
}

function watch() {
  const steady = { now: 0 };
  const quiet = createQuiet(() => steady.now);
  const isDue = (snapshot: Snapshot, over: LinkState = link) =>
    quiet.isDue('kiln', answerFacts(snapshot, over, began + steady.now));
  expect(isDue(said(0))).toBe(true);
  return { steady, quiet, isDue };
}

test('when an appliance only says that all still holds, it is passed on every eight seconds', () => {
  const { steady, isDue } = watch();
  const due = [];
  for (steady.now = 4000; steady.now <= 40_000; steady.now += 4000)
    if (isDue(said(steady.now))) due.push(steady.now);
  expect(due).toEqual([8000, 16_000, 24_000, 32_000, 40_000]);
});

test.each<[string, Snapshot]>([
  ['its list', { ...said(4000), remoteNetworks: { observedAt: at(4000), value: { ...networks } } }],
  ['its licence', { ...said(4000), licence: { observedAt: at(4000), value: { ...licence } } }],
  [
    'a fact of its status',
    said(4000, { status: { ...status, findings: [{ name: 'log', detail: 'full' }] } }),
  ],
  ['its clock', said(4000, { skewMs: 60_000 })],
  [
    'a command, which failed',
    {
      ...said(4000),
      licenceFailure: {
        observedAt: at(4000),
        value: { command: 'c', text: 't', error: 'e', code: 'OUTPUT_UNPARSED' },
      },
    },
  ],
])('when %s changes, it is passed on at once', (_what, snapshot) => {
  const { steady, isDue } = watch();
  steady.now = 4000;
  expect(isDue(snapshot)).toBe(true);
  expect(isDue(snapshot)).toBe(false);
});

test('when the first answer comes over a new connection, it is passed on at once', () => {
  const { steady, isDue } = watch();
  steady.now = 4000;
  const again = { ...link, since: at(3000) };
  expect(isDue(said(2000), again)).toBe(true);
  steady.now = 4500;
  expect(isDue(said(4500), again)).toBe(true);
  expect(isDue(said(4600), again)).toBe(false);
});

test.each([
  ['comes up again', 1000],
  ['was down for long', 6000],
])('when a link %s and the appliance says the same as before, it is passed on at once', (_what, downMs) => {
  const { steady, isDue } = watch();
  const again = { ...link, since: at(500 + downMs) };
  steady.now = 1000 + downMs;
  expect(isDue(said(steady.now), again)).toBe(true);
  expect(isDue(said(steady.now + 100), again)).toBe(false);
});

test('when one kind is fresh again and another no longer is, it is passed on at once', () => {
  const { steady, isDue } = watch();
  steady.now = 35_000;
  const { status: newStatus } = said(34_000);
  expect(isDue({ ...said(0), ...(newStatus === undefined ? {} : { status: newStatus }) })).toBe(true);
  expect(isDue({ ...said(34_000), status: { observedAt: at(0), value: status } })).toBe(true);
});

test('of a link, times and latency are passed on seldom, and everything else at once', () => {
  const steady = { now: 0 };
  const quiet = createQuiet(() => steady.now);
  const isDue = (state: LinkState) => quiet.isDue('kiln', linkFacts(state));
  expect(isDue({ ...link, latencyMs: null })).toBe(true);
  expect(isDue(link)).toBe(true);
  steady.now = 5000;
  expect(isDue({ ...link, latencyMs: 9, lastHeardAt: at(5000) })).toBe(false);
  expect(isDue({ ...link, notes: { maxSessions: 1, startupText: null } })).toBe(true);
  expect(isDue({ state: 'idle', since: at(5000) })).toBe(true);
  expect(isDue({ state: 'idle', since: at(5000) })).toBe(true);
  expect(isDue(link)).toBe(true);
  steady.now = 17_000;
  expect(isDue(link)).toBe(true);
  quiet.forget('kiln');
  expect(isDue(link)).toBe(true);
});
