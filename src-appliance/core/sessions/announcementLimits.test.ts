import { describe, expect, it } from 'vitest';
import { aTenant } from '../../../test-support/aTenant.ts';
import { maxListedUnplaced } from '../../../src-shared/model/tenants/listLimits.ts';
import { remoteNetworksSchema } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { limitToList, limitAnnouncement } from './announcementLimits.ts';

const uri = (length: number) => `webdav+https://files.example:443/${'x'.repeat(length)}`;
const unplaced = (count: number, length = 20) =>
  Array.from({ length: count }, (_, index) => ({
    group: 'plant',
    repository: `r${index}`,
    uri: uri(length),
  }));
const forwards = (count: number, length = 20) =>
  unplaced(count, length).map((one, index) => ({ port: 2200 + index, ...one }));
const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('an announcement', () => {
  it('when it has a usual size, is stored completely', () => {
    const announced = { forwards: forwards(20), unplaced: unplaced(3) };
    expect(limitAnnouncement(announced, 20)).toStrictEqual({ ...announced, omitted: 0 });
  });

  it('when it names every port that exists, is stored completely', () => {
    expect(limitAnnouncement({ forwards: forwards(3000, 100), unplaced: [] }, 3000).forwards).toHaveLength(
      3000,
    );
  });

  it('when it names 3,000 repositories without a port, stores 50 and counts the others', () => {
    const kept = limitAnnouncement({ forwards: forwards(20), unplaced: unplaced(3000) }, 20);
    expect(kept.forwards).toHaveLength(20);
    expect(kept.unplaced).toStrictEqual(unplaced(50));
    expect(kept.omitted).toBe(2950);
  });

  it.each([
    ['long URIs', { forwards: forwards(20, 2000), unplaced: unplaced(3000, 2000) }],
    [
      'escaped text',
      {
        forwards: [],
        unplaced: unplaced(50).map((one) => ({ ...one, group: '"'.repeat(128), uri: '\\'.repeat(2048) })),
      },
    ],
    [
      'wide characters',
      { forwards: [], unplaced: unplaced(50).map((one) => ({ ...one, uri: '語'.repeat(2048) })) },
    ],
  ])('when it has %s, is stored in 64 kB', (_what, announced) => {
    const { forwards, unplaced } = limitAnnouncement(announced, 20);
    expect(sizeOf(forwards) + sizeOf(unplaced)).toBeLessThanOrEqual(64 * 1024 + 4);
  });
});

const none = { forwards: [], unplaced: [], omitted: 0 };
const large = () => limitAnnouncement({ forwards: forwards(20, 2000), unplaced: unplaced(50, 2000) }, 20);

describe('a list of many announcements', () => {
  it('when 150 tenants announce as much as possible, takes less than 4.5 MB', () => {
    const listed = limitToList(Array.from({ length: 150 }, large));
    expect(sizeOf(listed)).toBeLessThan(4.5e6);
    expect(listed.every((one) => one.forwards.length > 0 && one.omitted > 0)).toBe(true);
  });

  it('when most announce too much, the others stay complete', () => {
    const usual = { forwards: forwards(20), unplaced: unplaced(3), omitted: 0 };
    const listed = limitToList([usual, none, ...Array.from({ length: 148 }, large)]);
    expect(listed.slice(0, 2)).toStrictEqual([usual, none]);
  });

  it.each([62, 183, 3000])(
    'when each of %i tenants has the maximum number of repositories without a port, stays readable for the console',
    (count) => {
      const modest = { forwards: [], unplaced: unplaced(1), omitted: 0 };
      const greedy = { forwards: [], unplaced: unplaced(50), omitted: 7 };
      const listed = limitToList([modest, none, ...Array.from({ length: count - 2 }, () => greedy)]);
      const tenants = listed.map((one, index) =>
        aTenant(`t${index}`, {
          ports: [],
          unplaced: one.unplaced,
          unplacedOmitted: one.omitted,
        }),
      );
      const portRange = { first: 2200, last: 5199 };
      expect(remoteNetworksSchema.safeParse({ contract: 1, portRange, tenants }).error).toBeUndefined();
      expect(listed.slice(0, 2)).toStrictEqual([modest, none]);
      for (const one of listed.slice(2)) {
        expect(one.unplaced.length).toBe(Math.floor(maxListedUnplaced / count));
        expect(one.unplaced.length).toBe(57 - one.omitted);
      }
    },
  );

  it('when everything fits, is unchanged', () => {
    const announcements = Array.from({ length: 20 }, large);
    expect(limitToList(announcements)).toStrictEqual(announcements);
  });
});
