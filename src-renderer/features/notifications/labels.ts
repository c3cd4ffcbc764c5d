import type { Notification } from '../../../src-shared/model/notifications/notification.ts';

export const kindWords: Record<Notification['kind'], string> = {
  'tunnel-down': 'Tunnel down',
  'tunnel-flapping': 'Tunnel comes and goes',
  'quota-nearly-used': 'Ports nearly used up',
  'key-old': 'Key is old',
};

export const kindTones: Record<Notification['kind'], 'warn' | 'bad'> = {
  'tunnel-down': 'bad',
  'tunnel-flapping': 'bad',
  'quota-nearly-used': 'warn',
  'key-old': 'warn',
};
