import { expect, test, vi } from 'vitest';
import { exchangeToken } from './session.ts';

function addressBar(hash: string) {
  const replaceState = vi.fn<History['replaceState']>();
  return { location: { hash, pathname: '/', search: '' }, history: { replaceState }, replaceState };
}

test('the token leaves the address before it is sent', async () => {
  const bar = addressBar('#token=abc_DEF-1');
  const outcome = await exchangeToken({
    ...bar,
    post: (token) => {
      expect(bar.replaceState).toHaveBeenCalledWith(null, '', '/#/');
      expect(token).toBe('abc_DEF-1');
      return Promise.resolve({ ok: true });
    },
  });
  expect(outcome).toBe('exchanged');
});

test('a used token is told apart from a console that is away', async () => {
  expect(await exchangeToken({ ...addressBar('#token=x'), post: () => Promise.resolve({ ok: false }) })).toBe(
    'used',
  );
  expect(
    await exchangeToken({ ...addressBar('#token=x'), post: () => Promise.reject(new TypeError('fetch')) }),
  ).toBe('unreachable');
});

test.each(['#/appliance/kiln-01/tenants/northwind', '', '#token=', '#token=a/b'])(
  'a place inside the page (%s) is left alone',
  async (hash) => {
    const bar = addressBar(hash);
    const post = vi.fn<() => Promise<{ ok: boolean }>>();
    expect(await exchangeToken({ ...bar, post })).toBe('no-token');
    expect(post).not.toHaveBeenCalled();
    expect(bar.replaceState).not.toHaveBeenCalled();
  },
);
