import { describe, expect, test } from 'vitest';
import { errorCodes, errorCodeSchema } from '../../../../src-shared/errorCodes.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { linkFinding } from './linkChecks.ts';

const seen = { reachable: 'it answers', 'host key': 'it is the pinned one', login: 'logged in' };
const target = 'root@kiln:22';
const unseen = { state: 'not checked', evidence: 'Not reached.', advice: null };

test.each([
  ['CONNECT_FAILED', ['bad', 'not checked', 'not checked'], 'firewall'],
  ['CONNECT_TIMEOUT', ['bad', 'not checked', 'not checked'], 'firewall'],
  ['HOST_KEY_CHANGED', ['ok', 'bad', 'not checked'], '--host-key'],
  ['ALGORITHMS_REFUSED', ['ok', 'bad', 'not checked'], '--legacy-algorithms'],
  ['KEY_UNREADABLE', ['ok', 'ok', 'bad'], 'ssh-add'],
  ['VAULT_LOCKED', ['ok', 'ok', 'bad'], '--passphrase-fd'],
] as const)('when %s stops a link, each stage has its result', (code, states, advice) => {
  const findings = Object.values(
    linkFinding(new AppError(code, 'it went wrong'), { jumps: [], target, seen }),
  );
  expect(findings.map(({ state }) => state)).toEqual(states);
  const stopped = findings.find(({ state }) => state === 'bad');
  expect(stopped?.evidence).toBe('it went wrong');
  expect(stopped?.advice).toContain(advice);
});

test('when any other error stops a link, its message is the evidence, without advice about the network', () => {
  const placed = /^(?:CONNECT_|HOST_KEY_|ALGORITHMS_|AUTHENTICATION_|SECRET_|VAULT_LOCKED|KEY_)/u;
  const others = Object.keys(errorCodes).filter((code) => !placed.test(code));
  expect(others).toContain('LINK_LOST');
  for (const name of others) {
    const code = errorCodeSchema.parse(name);
    expect(linkFinding(new AppError(code, 'it went wrong'), { jumps: [], target, seen })).toEqual({
      reachable: { state: 'bad', evidence: 'it went wrong', advice: `docs/errors.md explains ${code}.` },
      'host key': unseen,
      login: unseen,
    });
  }
});

describe('when one of several hops fails, no later stage is ok', () => {
  const jumps = ['ops@gate:22', 'ops@door:22'];
  const statesFor = (error: AppError | null) =>
    Object.values(linkFinding(error, { jumps, target, seen })).map(({ state }) => state);
  const codes = [
    'CONNECT_FAILED',
    'HOST_KEY_UNKNOWN',
    'ALGORITHMS_REFUSED',
    'AUTHENTICATION_FAILED',
    'KEY_UNREADABLE',
  ] as const;

  test.each(codes)('%s at each hop', (code) => {
    const stopAt = (hop: string) => statesFor(new AppError(code, 'it went wrong', { detail: { hop } }));
    const unseenStages = ['not checked', 'not checked', 'not checked'];
    expect(stopAt('ops@gate:22')).toEqual(['bad', 'not checked', ...unseenStages]);
    expect(stopAt('ops@door:22')).toEqual(['ok', 'bad', ...unseenStages]);
    expect(stopAt(target)).toEqual([
      'ok',
      'ok',
      ...Object.values(linkFinding(new AppError(code, ''), { jumps: [], target, seen })).map(
        ({ state }) => state,
      ),
    ]);
  });

  test('when two hops have the same name, the index distinguishes them', () => {
    const same = { jumps: ['ops@gate:22', 'ops@gate:22'], target: 'ops@gate:22', seen };
    const stateAt = (hopIndex: number, code: (typeof codes)[number] | 'INTERNAL') => {
      const error = new AppError(code, 'it went wrong', { detail: { hop: 'ops@gate:22', hopIndex } });
      return Object.values(linkFinding(error, same)).map(({ state }) => state);
    };
    const rest = ['not checked', 'not checked', 'not checked'];
    for (const code of ['CONNECT_FAILED', 'INTERNAL'] as const) {
      expect(stateAt(0, code)).toEqual(['bad', 'not checked', ...rest]);
      expect(stateAt(1, code)).toEqual(['ok', 'bad', ...rest]);
      expect(stateAt(2, code)).toEqual(['ok', 'ok', 'bad', 'not checked', 'not checked']);
    }
  });

  test.each([...codes, 'LINK_LOST'] as const)('%s without a hop', (code) => {
    expect(statesFor(new AppError(code, 'it went wrong'))).toEqual([
      'not checked',
      'not checked',
      'bad',
      'not checked',
      'not checked',
    ]);
  });

  test('the failing jump host has the message and the advice', () => {
    const error = new AppError('HOST_KEY_UNKNOWN', 'it is not known', { detail: { hop: 'ops@gate:22' } });
    expect(linkFinding(error, { jumps, target, seen })['jump host ops@gate:22']).toEqual({
      state: 'bad',
      evidence: 'it is not known',
      advice: expect.stringContaining('--jump-host-key'),
    });
    expect(statesFor(null)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });
});
