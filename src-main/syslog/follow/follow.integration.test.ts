import { expect, test } from 'vitest';
import { findLosses, keepNumberedLog, numberedServers } from '../../../test-support/keepNumberedLog.ts';

const lines = 50_000;
const nothing = { lost: [], doubled: [], outOfOrder: [], neverWritten: [] };

// All modes of logrotate on each server: follow.soak.test.ts.
test.each([
  { name: 'with the kit', rotations: [['compress']] },
  { name: 'without the kit', rotations: [[], ['compress', 'delaycompress']] },
] as const)(
  'while links, sshd and console are killed and logrotate runs, each line of a server $name is kept once and in order',
  async ({ name, rotations }) => {
    const result = await keepNumberedLog({ start: numberedServers[name], rotations, lines });
    expect(findLosses(result)).toEqual(nothing);
    expect(result.written).toBeGreaterThanOrEqual(lines);
  },
);
