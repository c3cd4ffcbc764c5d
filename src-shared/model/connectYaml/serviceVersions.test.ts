import { describe, expect, it } from 'vitest';
import { compareVersions, findTooOldSides } from './serviceVersions.ts';

describe('versions that services need', () => {
  it.each([
    ['smb', '1.8.2', '1.0.0', ['appliance']],
    ['smb', '1.8.3', '1.0.0', []],
    ['cmis', '1.14.3', '0.9.9', ['appliance', 'connect']],
    ['cmis', '1.14.4', '1.0.0', []],
    ['alfresco', '1.9.0', '1.0.3', ['appliance']],
    ['alfresco', '2.0', '1.0.3', []],
    ['cq5', null, null, []],
    ['cq5', 'unknown', '1.0.0-beta', []],
  ] as const)(
    'when %s is used with appliance %s and Connect %s, finds the sides that are too old',
    (service, appliance, connect, parts) => {
      expect(findTooOldSides(service, { appliance, connect }).map(({ part }) => part)).toEqual(parts);
    },
  );

  it('when a side is too old, returns its version and the required version', () => {
    expect(findTooOldSides('cmis', { appliance: '1.9.12' })).toEqual([
      { part: 'appliance', has: '1.9.12', needs: '1.14.4' },
    ]);
  });

  it('when versions are compared, compares their parts as numbers', () => {
    expect(compareVersions('1.14.4', '1.8.3')).toBeGreaterThan(0);
    expect(compareVersions('v1.8', '1.8.0')).toBe(0);
    expect(compareVersions('1.2.3.4', '1.2.3')).toBeNull();
  });
});
