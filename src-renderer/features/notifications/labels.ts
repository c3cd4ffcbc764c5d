import type { Notification } from '../../../src-shared/model/notifications/notification.ts';

export const kindWords: Record<Notification['kind'], string> = {
  'tunnel-down': 'Tunnel down',
  'tunnel-flapping': 'Tunnel flapping',
  'quota-nearly-used': 'Running out of ports',
  'key-old': 'Old key',
};

export const kindTones: Record<Notification['kind'], 'warn' | 'bad'> = {
  'tunnel-down': 'bad',
  'tunnel-flapping': 'bad',
  'quota-nearly-used': 'warn',
  'key-old': 'warn',
};
