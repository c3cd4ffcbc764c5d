import { expect, test, vi } from 'vitest';
import { takeToken } from './webSession.ts';

function addressBar(hash: string) {
  const replaceState = vi.fn<History['replaceState']>();
  return { location: { hash, pathname: '/', search: '' }, history: { replaceState } };
}

test('when the address has a token, it is taken out of the address and the history', () => {
  const bar = addressBar('#token=abc_DEF-1');
  expect(takeToken(bar)).toBe('abc_DEF-1');
  expect(bar.history.replaceState).toHaveBeenCalledExactlyOnceWith(null, '', '/#/');
});

test.each(['#/appliance/kiln-01/tenants/northwind', '', '#token=', '#token=a/b', '#/token=a'])(
  'when the address is a place inside the page (%s), it is left alone',
  (hash) => {
    const bar = addressBar(hash);
    expect(takeToken(bar)).toBeNull();
    expect(bar.history.replaceState).not.toHaveBeenCalled();
  },
);
