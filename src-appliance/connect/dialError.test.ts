import { describe, expect, it } from 'vitest';
import { dialReasonFacts, dialReasons } from '../../src-shared/model/tunnels/dialFailures.ts';
import { describeDialError, describeDialTimeout } from './dialError.ts';

const systemError = (code: string, message = `connect ${code} 10.0.0.1:445`) =>
  Object.assign(new Error(message), { code });

describe('a failed connection to a repository', () => {
  it.each([
    ['ENOTFOUND', 'name'],
    ['EAI_AGAIN', 'name'],
    ['EAI_FAIL', 'name'],
    ['ENETUNREACH', 'route'],
    ['EHOSTUNREACH', 'route'],
    ['ENETDOWN', 'route'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNREFUSED', 'refused'],
    ['ECONNRESET', 'refused'],
    ['EADDRNOTAVAIL', 'local'],
    ['EMFILE', 'local'],
    ['EACCES', 'local'],
    ['EPERM', 'local'],
    ['EUNHEARDOF', 'other'],
  ])('when the system says %s, has the reason %s and the words of the system', (code, reason) => {
    expect(describeDialError(systemError(code))).toStrictEqual({
      reason,
      message: `connect ${code} 10.0.0.1:445`,
    });
  });

  it.each([
    [['ENETUNREACH', 'ECONNREFUSED'], 'refused'],
    [['ECONNREFUSED', 'ENETUNREACH'], 'refused'],
    [['ENETUNREACH', 'ETIMEDOUT'], 'timeout'],
    [['EADDRNOTAVAIL', 'EHOSTUNREACH'], 'route'],
  ])('when the addresses of a name fail with %j, counts the one that got furthest: %s', (codes, reason) => {
    const error = new AggregateError(codes.map((code) => systemError(code)));
    expect(error.message).toBe('');
    const described = describeDialError(error);
    expect(described.reason).toBe(reason);
    for (const code of codes) expect(described.message).toContain(code);
  });

  it('when it takes too long, says whether the name or the connection was missing', () => {
    const common = { host: 'files.corp', milliseconds: 5000 };
    expect(describeDialTimeout({ ...common, isNamePending: true })).toStrictEqual({
      reason: 'name',
      message: 'the name files.corp was not resolved within 5 s',
    });
    expect(describeDialTimeout({ ...common, isNamePending: false })).toStrictEqual({
      reason: 'timeout',
      message: 'timed out: no connection within 5 s',
    });
  });

  it('shows hidden characters and stays short', () => {
    const { message } = describeDialError(new Error(`a\n\u001b[2J\u202e${'x'.repeat(500)}`));
    expect(message).toMatch(/^a\u240a\u241b\[2J⟨U\+202E⟩x+…$/u);
    expect(message).toHaveLength(200);
    expect(describeDialError(new Error('')).message).toBe('no reason is known');
  });

  it('has no system code under two reasons', () => {
    const codes = dialReasons.flatMap((reason) => dialReasonFacts[reason].systemCodes);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
