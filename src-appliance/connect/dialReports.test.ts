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
let isBlocked: boolean;
let reports: ReturnType<typeof createDialReports>;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  isBlocked = false;
  reports = createDialReports({
    send: (message) => {
      if (message.type === 'dial-failures') sent.push(message);
    },
    isBlocked: () => isBlocked,
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
    expect(second?.failures).toMatchObject([{ message: 'attempt 100', agoMs: 0 }]);
  });

  it('when many ports fail again and again, are sent in at most four messages per second', () => {
    reports.accept(true);
    for (let times = 0; times < 100; times += 1) {
      for (let port = 2200; port < 2220; port += 1) reports.report(port, refused);
      vi.advanceTimersByTime(100);
    }
    expect(sent.length).toBeGreaterThanOrEqual(10);
    expect(sent.length).toBeLessThanOrEqual(41);
    for (const { failures } of sent) for (const { agoMs } of failures) expect(agoMs).toBeLessThan(1000);
  });

  it.each([2, 20, 60])('when the connection takes no data for %i s, wait and keep their age', (seconds) => {
    reports.accept(true);
    isBlocked = true;
    for (let port = 2200; port < 2210; port += 1) reports.report(port, refused);
    vi.advanceTimersByTime(seconds * 1000);
    expect(sent).toStrictEqual([]);
    isBlocked = false;
    vi.advanceTimersByTime(250);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.failures).toHaveLength(10);
    expect(sent[0]?.failures[0]?.agoMs).toBe(seconds * 1000 + 250);
  });

  it('when thousands of ports fail, are bounded in number and size, and none is lost', () => {
    reports.accept(true);
    const message = '\u{1f600}'.repeat(100);
    for (let port = 2200; port < 5200; port += 1) reports.report(port, { reason: 'other', message });
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(5);
    vi.advanceTimersByTime(60_000);
    expect(new Set(sent.flatMap(({ failures }) => failures.map(({ port }) => port))).size).toBe(3000);
    for (const one of sent) {
      const line = encodeMessage(one);
      expect(Buffer.byteLength(line)).toBeLessThan(maxLine);
      expect(clientMessageSchema.safeParse(JSON.parse(line)).success).toBe(true);
    }
  });
});
