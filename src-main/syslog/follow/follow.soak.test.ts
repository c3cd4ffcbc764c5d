import { expect, test } from 'vitest';
import {
  allRotations,
  findLosses,
  keepNumberedLog,
  numberedServers,
} from '../../../test-support/keepNumberedLog.ts';

const lines = 1_000_000;
const nothing = { lost: [], doubled: [], outOfOrder: [], neverWritten: [] };

test.each(Object.entries(numberedServers))(
  'of a million lines of a server %s, each is kept once and in order while links, sshd and console are killed and logrotate runs in each mode',
  async (_name, start) => {
    const result = await keepNumberedLog({ start, rotations: allRotations, lines });
    expect(findLosses(result)).toEqual(nothing);
    expect(result.written).toBeGreaterThanOrEqual(lines);
  },
);
