import { expect, test } from 'vitest';
import { AppError, errorCodes, errorCodeSchema } from '../../../src-shared/errors.ts';
import { judgeLink } from './linkChecks.ts';

const seen = { reachable: 'it answers', 'host key': 'it is the pinned one', 'log-in': 'logged in' };
const unseen = { state: 'not checked', evidence: 'Not reached.', advice: null };

test.each([
  ['CONNECT_FAILED', ['bad', 'not checked', 'not checked'], 'firewall'],
  ['CONNECT_TIMEOUT', ['bad', 'not checked', 'not checked'], 'firewall'],
  ['HOST_KEY_CHANGED', ['ok', 'bad', 'not checked'], '--host-key'],
  ['ALGORITHMS_REFUSED', ['ok', 'bad', 'not checked'], '--legacy-algorithms'],
  ['KEY_UNREADABLE', ['ok', 'ok', 'bad'], 'ssh-add'],
] as const)('when %s stops a link, each stage is judged', (code, states, advice) => {
  const findings = Object.values(judgeLink(new AppError(code, 'it went wrong'), seen));
  expect(findings.map(({ state }) => state)).toEqual(states);
  const stopped = findings.find(({ state }) => state === 'bad');
  expect(stopped?.evidence).toBe('it went wrong');
  expect(stopped?.advice).toContain(advice);
});

test('when any other error stops a link, its message is the evidence, without advice about the network', () => {
  const placed = /^(?:CONNECT_|HOST_KEY_|ALGORITHMS_|AUTHENTICATION_|SECRET_|KEY_)/u;
  const others = Object.keys(errorCodes).filter((code) => !placed.test(code));
  expect(others).toContain('LINK_LOST');
  for (const name of others) {
    const code = errorCodeSchema.parse(name);
    expect(judgeLink(new AppError(code, 'it went wrong'), seen)).toEqual({
      reachable: { state: 'bad', evidence: 'it went wrong', advice: `docs/errors.md explains ${code}.` },
      'host key': unseen,
      'log-in': unseen,
    });
  }
});
