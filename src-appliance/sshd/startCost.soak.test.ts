import { beforeAll, describe, expect, it } from 'vitest';
import { buildKitBundle } from '../../test-support/kitBundle.ts';
import { compareKitStarts } from '../../test-support/startCost.ts';

describe('the processor time of a command, with the programs that it runs', () => {
  let ratios: ReadonlyMap<string, number>;
  beforeAll(async () => {
    const starts = await compareKitStarts(await buildKitBundle(), 12);
    ratios = new Map(starts.map(({ name, ratio }) => [name, ratio]));
  });

  /** The usual ratio and a quarter. ke_status and list also read all processes, and run sshd. */
  it.each([
    ['ke_status', 3.6],
    ['ke_manage_remote_networks list', 3.1],
    ['ke_manage_license_key show', 2.5],
    ['ke_update_configuration show', 3],
  ])('of %s is at most %f times that of an empty Node', (name, most) => {
    expect(ratios.get(name)).toBeLessThan(most);
  });
});
