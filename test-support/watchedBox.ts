import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { StockBox } from './stockBox.ts';
import { watchLineSchema, type WatchLine } from '../src-shared/model/watch/watchLines.ts';
import { createAssembler, type WatchedAppliance } from '../src-shared/model/watch/watchedAppliance.ts';
import { applyChange, type Parts } from '../src-shared/model/watch/watchedParts.ts';
import { listNetworks } from './remoteNetworks.ts';
import { waitFor } from './waitFor.ts';

/** Runs `ke_watch` on a box as its administrator, and keeps what it says. */
export function watchBox(box: Pick<StockBox, 'startKe' | 'ke'>, ...words: string[]) {
  const child = box.startKe(['ke_watch', '--json', ...words]);
  if (child.stdout === null || child.stderr === null) throw new Error('a box has no pipes');
  const assemble = createAssembler();
  const lines: WatchLine[] = [];
  let parts: Parts | null = null;
  let errors = '';
  const lastSeen = () => {
    const last = lines.at(-1);
    if (last === undefined) throw new Error('nothing was said yet');
    return last.seen;
  };
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = watchLineSchema.parse(JSON.parse(text));
    lines.push(line);
    if (line.type === 'snapshot') parts = new Map(Object.entries(line.parts));
    if (line.type === 'change' && parts !== null) parts = applyChange(parts, line);
  });
  const state = (): WatchedAppliance | null => (parts === null ? null : assemble(parts, lastSeen()));
  return {
    lines,
    errors: () => errors,
    state,
    parts: () => parts,
    untilSnapshot: () => waitFor('the first line', () => lines.length > 0),
    /** Waits until what it said so far passes a check. */
    until: (what: string, check: (state: WatchedAppliance) => boolean) =>
      waitFor(what, () => parts !== null && check(assemble(parts, lastSeen()))),
    /** Both read the appliance at different moments, and sshd's log may give a reason in between. */
    untilEqualsList: async (): Promise<void> => {
      let pair: { said?: unknown; listed?: unknown } = {};
      await waitFor('it says what the command lists', async () => {
        const listed = await listNetworks(box);
        pair = { said: state()?.remoteNetworks, listed };
        return isDeepStrictEqual(pair.said, pair.listed);
      }).catch(() => undefined);
      // Shows what differs.
      expect(pair.said).toEqual(pair.listed);
    },
    ended: new Promise<number | null>((resolve) => child.once('close', resolve)),
    stop: () => child.kill(),
  };
}
