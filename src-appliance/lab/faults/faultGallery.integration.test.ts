import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../../test-support/waitFor.ts';
import { startWatchedLab } from '../../../test-support/watchedLab.ts';
import { tunnelCodes, tunnelCodeSchema } from '../../../src-shared/model/tunnels/tunnelCodes.ts';
import { describePlace } from './faultGallery.ts';
import { labFaults } from './labFaults.ts';

/** Every fault at once, each with its own tenant or appliance. */
let lab: Awaited<ReturnType<typeof startWatchedLab>>;
const faults = labFaults.map(describePlace);
/** The verdicts if nothing is wrong. A-1021 says only that this computer is slow. */
const well = ['T-6000', 'T-6010', 'A-1021'];

beforeAll(async () => {
  lab = await startWatchedLab(['--fault', 'all']);
});
afterAll(() => lab.stop());

type Place = (typeof faults)[number];
const codesOf = ({ appliance, clientId }: Place) =>
  clientId === null ? lab.problemCodes(appliance) : lab.tunnelCodes(appliance, clientId);

/**
 * Resolves with the codes as soon as two observations in a row show them as wanted, or with the last ones after a
 * time limit.
 */
async function waitForCodes(place: Place, isWanted: (codes: string[]) => boolean): Promise<string[]> {
  let codes: string[] = [];
  let inARow = 0;
  await waitFor('the codes', async () => {
    codes = await codesOf(place);
    inARow = isWanted(codes) ? inARow + 1 : 0;
    return inARow === 2;
  }).catch(() => undefined);
  return inARow === 1 ? [] : codes;
}
const withoutWell = (codes: readonly string[]) => [...new Set(codes.filter((code) => !well.includes(code)))];

describe('the fault gallery', () => {
  test('names each fault once, with the side of its code', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    const ofTunnels = faults.flatMap(({ code, side }) => (code in tunnelCodes ? [{ code, side }] : []));
    expect(ofTunnels).toEqual(
      ofTunnels.map(({ code }) => ({ code, side: tunnelCodes[tunnelCodeSchema.parse(code)].side })),
    );
    expect(lab.announcement.faults).toEqual(faults);
  });

  test.concurrent.each(faults)(
    'when $name starts, the console shows $code; when it ends, none',
    async (place) => {
      const shows = (codes: string[]) => withoutWell(codes).join() === place.code;
      expect(withoutWell(await waitForCodes(place, shows))).toEqual([place.code]);
      await lab.endFault(place.name);
      // After a host key changed, the console connects only when an operator wants it to.
      if (place.code === 'A-1010') lab.connect(place.appliance);
      expect(withoutWell(await waitForCodes(place, (codes) => withoutWell(codes).length === 0))).toEqual([]);
    },
  );
});
