import { describe, expect, it } from 'vitest';
import { adviseOn } from './advice.ts';
import { customerText } from './customerText.ts';
import { tunnelCodeSchema, tunnelCodes } from './tunnelLayer.ts';

const codes = Object.keys(tunnelCodes).map((code) => tunnelCodeSchema.parse(code));
const tunnel = {
  clientId: 'northwind',
  port: 2204,
  destination: 'cmis+https://cmis.nw.lan:443/cmisatom',
  group: 'docs',
  repository: 'cmis',
  peer: '10.4.0.7',
};

describe.each(codes)('%s', (code) => {
  it('means something, and names whose it is and what comes next', () => {
    const advice = adviseOn({ ...tunnel, code }, 'kiln-01');
    expect(advice.meaning.length).toBeGreaterThan(10);
    expect(advice.next.length).toBeGreaterThan(10);
    // Whoever has to mend it is either asked, or reads here what to do.
    expect(advice.side === 'tenant' && advice.ask === null).toBe(false);
    expect(`${advice.meaning} ${advice.ask ?? ''} ${advice.next}`).not.toMatch(/undefined|null/);
  });

  it('is told to a customer without anything of ours', () => {
    const text = customerText({ ...tunnel, code });
    expect(text).toContain(code);
    expect(text).toContain('northwind, docs/cmis, cmis+https://cmis.nw.lan:443/cmisatom');
    expect(text).not.toMatch(/kiln|sshd|pid|10\.4\.0\.7|2204|SHA256|syslog|probe|undefined|null/i);
  });
});

describe('a key that is not the registered one', () => {
  it('names which of the two fingerprints that are shown is the right one', () => {
    const { ask } = adviseOn({ ...tunnel, code: 'T-3003' }, 'kiln-01');
    expect(ask).toMatch(/registered key, in layer 2/);
  });
});

describe('a customer of plain OpenSSH', () => {
  it('is told of a service that nobody named', () => {
    const plain = { ...tunnel, destination: null, group: null, repository: null };
    expect(customerText({ ...plain, code: 'T-6001' })).toMatch(/^Connection: northwind\n/);
    expect(adviseOn({ ...plain, code: 'T-6002' }, 'kiln-01').meaning).toContain('Plain OpenSSH');
  });
});
