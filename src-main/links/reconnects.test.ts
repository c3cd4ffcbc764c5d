import { expect, test } from 'vitest';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { createReconnects } from './reconnects.ts';

const at = (second: number) => `2026-11-20T12:00:${String(second).padStart(2, '0')}.000Z`;
const up = (second: number, latencyMs = 1): LinkState => ({
  state: 'connected',
  since: at(second),
  latencyMs,
  lastHeardAt: at(second),
  serverSoftware: 's',
  algorithms: { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] },
});
const idle: LinkState = { state: 'idle', since: at(5) };
const connecting: LinkState = { state: 'connecting', since: at(5), hop: 'kiln' };
const retrying: LinkState = {
  state: 'retrying',
  since: at(5),
  attempt: 1,
  nextAttemptAt: at(6),
  error: { code: 'LINK_LOST', message: 'lost', retryable: true, detail: {} },
};

function watch() {
  const changes = createEmitter<[id: string, state: LinkState]>();
  const removals = createEmitter<[id: string]>();
  const reconnects = createReconnects({ onChange: changes.on, onRemoved: removals.on });
  return { changes, removals, reconnects };
}

test.each<[string, readonly LinkState[], string | null]>([
  ['came up for the first time', [connecting, up(1)], null],
  ['only measured its latency again', [up(1), up(1, 9), up(1, 4)], null],
  ['was lost and is still down', [up(1), retrying], null],
  ['was lost and came up again', [up(1), retrying, connecting, up(7)], at(7)],
  ['was replaced, e.g. by another jump host', [up(1), idle, connecting, up(7)], at(7)],
  ['was replaced without a state in between', [up(1), up(7)], at(7)],
  ['was lost twice', [up(1), retrying, up(7), retrying, up(9)], at(9)],
])('when a link %s, knows when it came up again', (_what, states, expected) => {
  const { changes, reconnects } = watch();
  for (const state of states) changes.emit('kiln', state);
  expect(reconnects.at('kiln')).toBe(expected);
  expect(reconnects.at('mill')).toBeNull();
});

test('when an appliance was removed, starts again', () => {
  const { changes, removals, reconnects } = watch();
  for (const state of [up(1), retrying, up(7)]) changes.emit('kiln', state);
  removals.emit('kiln');
  changes.emit('kiln', up(9));
  expect(reconnects.at('kiln')).toBeNull();
});
