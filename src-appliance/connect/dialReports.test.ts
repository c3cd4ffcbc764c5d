import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  clientMessageSchema,
  encodeMessage,
  maxLine,
  type ClientMessage,
} from '../core/sessions/registrarProtocol.ts';
import { createDialReports } from './dialReports.ts';

const refused = { reason: 'refused', message: 'connect ECONNREFUSED' } as const;
let sent: Extract<ClientMessage, { type: 'dial-failures' }>[];
let reports: ReturnType<typeof createDialReports>;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  reports = createDialReports({
    send: (message) => {
      if (message.type === 'dial-failures') sent.push(message);
    },
    now: () => Date.now(),
  });
});
afterEach(() => {
  reports.close();
  vi.useRealTimers();
});

describe('reports of failed connections', () => {
  it('when the appliance does not accept them, are not sent', () => {
    reports.report(2200, refused);
    reports.accept(false);
    reports.report(2200, refused);
    vi.advanceTimersByTime(60_000);
    expect(sent).toStrictEqual([]);
  });

  it('when a port fails for the first time, are sent at once', () => {
    reports.accept(true);
    reports.report(2200, refused);
    expect(sent).toStrictEqual([{ type: 'dial-failures', failures: [{ port: 2200, ...refused, agoMs: 0 }] }]);
  });

  it('when a port fails all the time, are sent once per second with the last reason and its age', () => {
    reports.accept(true);
    for (let times = 0; times < 1000; times += 1) {
      reports.report(2200, { reason: 'name', message: `attempt ${times}` });
      vi.advanceTimersByTime(10);
    }
    expect(sent.length).toBeGreaterThanOrEqual(9);
    expect(sent.length).toBeLessThanOrEqual(11);
    const [, second] = sent;
    expect(second?.failures).toMatchObject([{ message: 'attempt 100', agoMs: 10 }]);
  });

  it('when thousands of ports fail, are bounded in number and size, and none is lost', () => {
    reports.accept(true);
    const message = '\u{1f600}'.repeat(100);
    for (let port = 2200; port < 5200; port += 1) reports.report(port, { reason: 'other', message });
    expect(sent).toHaveLength(20);
    vi.advanceTimersByTime(10_000);
    expect(sent).toHaveLength(30);
    vi.advanceTimersByTime(60_000);
    expect(new Set(sent.flatMap(({ failures }) => failures.map(({ port }) => port))).size).toBe(3000);
    for (const one of sent) {
      const line = encodeMessage(one);
      expect(Buffer.byteLength(line)).toBeLessThan(maxLine);
      expect(clientMessageSchema.safeParse(JSON.parse(line)).success).toBe(true);
    }
  });
});
