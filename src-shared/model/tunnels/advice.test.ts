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
  layers: [],
  since: null,
  lastSeenAt: null,
} as const;
const seen = { ...tunnel, lastSeenAt: '2026-11-20T09:00:00.000Z' };
const keyLayer = {
  layer: 'key',
  state: 'ok',
  code: 'T-2000',
  evidence: 'ssh-ed25519 SHA256:registered',
  observedAt: null,
} as const;

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
  it('names the registered one to the operator and to the customer, whose own it is', () => {
    const wrong = { ...tunnel, code: 'T-3003', layers: [keyLayer] } as const;
    expect(adviseOn(wrong, 'kiln-01').ask).toMatch(/registered key, ssh-ed25519 SHA256:registered\.$/);
    expect(customerText(wrong)).toContain('with the registered one: ssh-ed25519 SHA256:registered.');
  });
});

describe('a suspended tenant', () => {
  it('is not said to have a reason in an audit trail that may know nothing of it', () => {
    const { ask } = adviseOn({ ...tunnel, code: 'T-2002' }, 'kiln-01');
    expect(ask).toMatch(/log names them.*if it was done from this console/);
  });
});

describe('no session', () => {
  it('tells the end of the last one, and that none came only where none did', () => {
    const meaning = (of: typeof tunnel | typeof seen) =>
      adviseOn({ ...of, code: 'T-3001' }, 'kiln-01').meaning;
    expect(meaning(tunnel)).toMatch(/no connection from the customer’s site has arrived yet/);
    expect(meaning(seen)).toMatch(/its session ended at 2026-11-20 09:00:00 UTC, and none came since/);
  });
});

describe('a port that is held without a live session', () => {
  it('is another process’s where the tenant never had a session, and can’t be freed from here', () => {
    const foreign = adviseOn({ ...tunnel, code: 'T-4002' }, 'kiln-01');
    expect(foreign.meaning).toMatch(/^Another process on kiln-01 holds port 2204/);
    expect(foreign.next).toMatch(/this console can’t end it/);
    expect(adviseOn({ ...seen, code: 'T-4002' }, 'kiln-01').meaning).toMatch(
      /most often by an old connection/,
    );
  });
});

describe('a customer of plain OpenSSH', () => {
  it('is told of a service that nobody named', () => {
    const plain = { ...tunnel, destination: null, group: null, repository: null };
    expect(customerText({ ...plain, code: 'T-6001' })).toMatch(/^Connection: northwind\n/);
    expect(adviseOn({ ...plain, code: 'T-6002' }, 'kiln-01').meaning).toContain('Plain OpenSSH');
  });
});
