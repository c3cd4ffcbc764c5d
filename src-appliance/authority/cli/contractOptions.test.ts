import { describe, expect, it } from 'vitest';
import { internalLicenceVersion } from '../../../src-shared/model/licence/internalLicence.ts';
import { defaultContract } from '../store/contract.ts';
import { changeContract } from './contractOptions.ts';

const change = (...steps: Parameters<typeof changeContract>[1][]) =>
  steps.reduce((contract, options) => changeContract(contract, options), defaultContract);

describe('an internal licence', () => {
  it('when it is set, also allows internal development and needs a version that accepts it', () => {
    expect(change({ internalLicence: true })).toEqual({
      ...defaultContract,
      entitlements: { ...defaultContract.entitlements, internalDevelopment: true, isInternalLicence: true },
      minVersion: internalLicenceVersion,
    });
  });

  it('when the contract needs a later version, keeps it', () => {
    expect(change({ minVersion: '2.0.0' }, { internalLicence: true }).minVersion).toBe('2.0.0');
    expect(change({ minVersion: '2.0.0', internalLicence: true }).minVersion).toBe('2.0.0');
  });

  it('when another option changes, stays', () => {
    expect(change({ internalLicence: true }, { accounts: 7 }).entitlements).toMatchObject({
      accounts: 7,
      isInternalLicence: true,
    });
  });

  it('when it is removed, no licence has the field, so that every version accepts it', () => {
    const contract = change(
      { internalLicence: true },
      { internalLicence: false, internalDevelopment: false },
    );
    expect(contract.entitlements).toStrictEqual(defaultContract.entitlements);
    expect(change({ accounts: 7 }).entitlements).not.toHaveProperty('isInternalLicence');
  });

  it.each([
    [[{ internalLicence: true, internalDevelopment: false }]],
    [[{ internalLicence: true, minVersion: '1.33.9' }]],
    [[{ internalLicence: true }, { internalDevelopment: false }]],
    [[{ internalLicence: true }, { minVersion: '1.0.0' }]],
  ])('when the contract contradicts it by %j, is rejected', (steps) => {
    expect(() => change(...steps)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
