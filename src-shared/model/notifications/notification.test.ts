import { expect, test } from 'vitest';
import { describeNotification } from './notification.ts';

const down = (text: string) => describeNotification({ kind: 'tunnel-down', text });

test('when a tunnel that is down has a code that warns, its notification has the code’s word and tone', () => {
  expect(down('no session for more than 5 min (T-3001), since 2026-11-20 09:00:00 UTC')).toEqual({
    label: 'No session',
    tone: 'warn',
    ongoing: 'still no session',
    resolved: 'back up',
  });
});

test('when the code is a fault, or there is no code, the kind names the notification', () => {
  const facts = { label: 'Tunnel down', tone: 'bad', ongoing: 'still down', resolved: 'back up' };
  expect(down('upstream refused (T-6001), since 2026-11-20 09:00:00 UTC')).toEqual(facts);
  expect(down('upstream refused')).toEqual(facts);
});
