import { describe, expect, test } from 'vitest';
import type { LogGap, LogSource } from './logSource.ts';
import { planReads, type Plan } from './plan.ts';
import type { BadFile, SurveyedFile } from './survey.ts';

const head = Buffer.from('the first line\n');

function source(id: string, order: number, change: Partial<LogSource> = {}): LogSource {
  return {
    id,
    device: '8',
    inode: id.replace(/\D/gu, ''),
    head: Buffer.from(`${id}: the first line\n`).toString('base64'),
    start: 0,
    end: null,
    offset: 100,
    anchor: '',
    order,
    isComplete: false,
    ...change,
  };
}
function file(name: string, of: string, change: Partial<SurveyedFile> = {}): SurveyedFile {
  return {
    name,
    device: '8',
    inode: of.replace(/\D/gu, ''),
    size: 100,
    modified: 1000,
    packing: 'plain',
    head: Buffer.from(`${of}: the first line\n`),
    ...change,
  };
}
function gap(id: string, change: Partial<LogGap>): LogGap {
  return {
    applianceId: 'kiln',
    id,
    sourceId: null,
    order: 0,
    fromByte: 0,
    toByte: null,
    reason: 'unreadable',
    text: '',
    since: 5,
    until: 9,
    ...change,
  };
}
const bad = (name: string, inode: string, problem: BadFile['problem'] = 'unreadable'): BadFile => ({
  name,
  device: '8',
  inode,
  problem,
  text: 'denied',
});

function plan(now: { known: LogSource[]; gaps: LogGap[]; files: SurveyedFile[]; bad?: BadFile[] }): Plan {
  let ids = 0;
  return planReads({
    known: now.known,
    keptGaps: now.gaps,
    survey: {
      clock: 5000,
      zoneOffsetMinutes: 0,
      skew: { skewMs: 0, uncertaintyMs: 0 },
      stamp: '',
      files: now.files,
      bad: now.bad ?? [],
    },
    maxBytesBefore: 1_000_000,
    excluded: new Set(),
    isPatienceOver: true,
    newId: () => `new-${(ids += 1)}`,
  });
}

const log = source('s2', 2);
const logFile = file('', 's2', { size: 150 });

describe('the gap of a source that could not be read', () => {
  const old = source('s1', 1);
  const gaps = [gap('s1:unreadable', { sourceId: 's1', order: 1, fromByte: 100 })];

  test('when its file can be read again, it ends, and the rest is read', () => {
    const { resolved, before } = plan({
      known: [old, log],
      gaps,
      files: [file('.1', 's1', { size: 180 }), logFile],
    });
    expect(resolved).toEqual(['s1:unreadable']);
    expect(before.map((read) => read.source.id)).toEqual(['s1']);
  });

  test('while its file can’t be read, it stays', () => {
    const { resolved, gaps: added } = plan({
      known: [old, log],
      gaps,
      files: [logFile],
      bad: [bad('.1', '1')],
    });
    expect(resolved).toEqual([]);
    expect(added.map((one) => one.gap.id)).toContain('s1:unreadable');
  });

  test('when its file is gone for good, it becomes a gap of a deleted file', () => {
    const { resolved, gaps: added } = plan({ known: [old, log], gaps, files: [logFile] });
    expect(resolved).toEqual(['s1:unreadable']);
    expect(added.map((one) => [one.gap.id, one.gap.fromByte])).toEqual([['s1:deleted', 100]]);
  });

  test.each(['missing', 'unreadable', 'refused'] as const)(
    'while the log itself is %s, it stays',
    (problem) => {
      const { resolved, gaps: added } = plan({
        known: [old, log],
        gaps,
        files: [],
        bad: [bad('', '2', problem)],
      });
      expect([resolved, added]).toEqual([[], []]);
    },
  );
});

describe('the gap of a source that was given up', () => {
  const given = source('s1', 1, { isComplete: true });
  const gaps = [gap('s1:deleted', { sourceId: 's1', order: 1, fromByte: 100, reason: 'deleted' })];

  test.each([
    ['with more lines', file('.1', 's1', { size: 180 })],
    ['compressed', file('.1.gz', 's1', { inode: '77', size: 40, packing: 'gz' })],
  ])('when its file comes back %s, the source is opened again and the gap ends', (_how, back) => {
    const { resolved, changed, before } = plan({ known: [given, log], gaps, files: [back, logFile] });
    expect(resolved).toEqual(['s1:deleted']);
    expect(changed).toEqual([{ ...given, isComplete: false }]);
    expect(before.map((read) => read.source.id)).toEqual(['s1']);
  });

  test('when its file comes back with nothing more, the gap ends, and nothing is read', () => {
    const { resolved, changed, before } = plan({
      known: [given, log],
      gaps,
      files: [file('.1', 's1'), logFile],
    });
    expect([resolved, changed, before]).toEqual([['s1:deleted'], [], []]);
  });

  test('when the file is a part of it that was given up, it is opened again too', () => {
    const part = source('s1', 1, { isComplete: true, end: 300 });
    const { resolved, changed } = plan({
      known: [part, log],
      gaps: [gap('s1:deleted', { sourceId: 's1', order: 1, fromByte: 100, toByte: 300, reason: 'deleted' })],
      files: [file('.1', 's1', { size: 500 }), logFile],
    });
    expect(resolved).toEqual(['s1:deleted']);
    expect(changed[0]).toEqual({ ...part, isComplete: false });
  });

  test('while its file stays away, or is damaged, the gap stays', () => {
    expect(plan({ known: [given, log], gaps, files: [logFile] }).resolved).toEqual([]);
    const corrupt = [gap('s1:corrupt', { sourceId: 's1', order: 1, fromByte: 100, reason: 'corrupt' })];
    const packed = file('.1.gz', 's1', { packing: 'gz' });
    const { resolved, changed } = plan({ known: [given, log], gaps: corrupt, files: [packed, logFile] });
    expect([resolved, changed]).toEqual([[], []]);
  });
});

describe('the gap of a file that was never read', () => {
  const gaps = [gap('8:7:unreadable', { order: 1.5 })];
  const first = source('s1', 1, { isComplete: true });

  test('when the file can be read, it ends, and the file is read', () => {
    const { resolved, changed } = plan({
      known: [first, log],
      gaps,
      files: [file('.2', 's1'), file('.1', 's7', { head }), logFile],
    });
    expect(resolved).toEqual(['8:7:unreadable']);
    expect(changed.map(({ inode }) => inode)).toEqual(['7']);
  });

  test('when the file was compressed since and can be read, it ends', () => {
    const packed = file('.1.gz', 's9', { packing: 'gz', head });
    const { resolved, gaps: added } = plan({
      known: [first, log],
      gaps,
      files: [file('.2', 's1'), packed, logFile],
    });
    expect([resolved, added]).toEqual([['8:7:unreadable'], []]);
  });

  test('when the file was compressed since and can’t be read, one gap replaces the other', () => {
    const { resolved, gaps: added } = plan({
      known: [first, log],
      gaps,
      files: [file('.2', 's1'), logFile],
      bad: [bad('.1.gz', '9')],
    });
    expect(resolved).toEqual(['8:7:unreadable']);
    expect(added.map((one) => one.gap.id)).toEqual(['8:9:unreadable']);
  });

  test('when the file is gone for good, the gap says so, with its own times', () => {
    const { resolved, gaps: added } = plan({ known: [first, log], gaps, files: [file('.2', 's1'), logFile] });
    expect(resolved).toEqual(['8:7:unreadable']);
    expect(added.map((one) => one.gap)).toEqual([{ ...gaps[0], id: '8:7:deleted', reason: 'deleted' }]);
  });

  test('when only the log was rotated since, the gap is not taken for read', () => {
    const fresh = file('', 's11', { head });
    const { resolved, gaps: added } = plan({
      known: [first, log],
      gaps: [gap('8:7:unreadable', { order: 3 })],
      files: [file('.2', 's1'), file('.1', 's2'), fresh],
    });
    expect(resolved).toEqual(['8:7:unreadable']);
    expect(added.map((one) => one.gap.id)).toEqual(['8:7:deleted']);
  });

  test('a gap of a deleted file stays for ever', () => {
    const kept = [gap('8:7:deleted', { order: 1.5, reason: 'deleted' })];
    const { resolved, gaps: added } = plan({
      known: [first, log],
      gaps: kept,
      files: [file('.2', 's1'), logFile],
    });
    expect([resolved, added]).toEqual([[], []]);
  });
});
