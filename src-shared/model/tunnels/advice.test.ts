import { describe, expect, it } from 'vitest';
import { adviseOn, customerText, tunnelCodeHelp } from './advice.ts';
import type { FaultCause } from './probe.ts';
import { tunnelCodes, tunnelCodeSchema } from './tunnelCodes.ts';
import { layerNames } from './tunnelCodes/tunnelCode.ts';

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
  it('has a meaning, a side and a next step', () => {
    const advice = adviseOn({ ...tunnel, code }, 'kiln-01');
    expect(advice.meaning.length).toBeGreaterThan(10);
    expect(advice.next.length).toBeGreaterThan(10);
    // If the tenant must fix something, the advice says what to ask the tenant.
    expect(advice.side === 'tenant' && advice.ask === null).toBe(false);
    expect(`${advice.meaning} ${advice.ask ?? ''} ${advice.next}`).not.toMatch(/undefined|null|\[object|=>/);
  });

  it('has a text for the customer without internal details', () => {
    const text = customerText({ ...tunnel, code });
    expect(text).toContain(code);
    expect(text).toContain('northwind, docs/cmis, cmis+https://cmis.nw.lan:443/cmisatom');
    expect(text).not.toMatch(/kiln|sshd|pid|10\.4\.0\.7|2204|SHA256|syslog|probe|undefined|null|=>/i);
  });

  it('has help that names no tenant and no appliance', () => {
    const help = tunnelCodeHelp(code);
    expect(help).toMatchObject({ code, layer: layerNames[Number(code[2]) - 1] });
    expect(help.meaning.length).toBeGreaterThan(10);
    for (const text of [help.next, ...help.checks])
      expect(text).toMatch(/^(?!the )(?!.*(?:undefined|null|=>|\s{2}|[.!?] the )).{5,}/u);
    expect(help.ask ?? '').not.toMatch(/northwind|kiln|undefined|null|=>|\s{2}/u);
  });
});

describe('a refused key', () => {
  it('when a key is registered, operator and customer can compare it with theirs', () => {
    const wrong = { ...tunnel, code: 'T-3003', layers: [keyLayer] } as const;
    const question =
      'Does its fingerprint (ssh-keygen -l -f FILE) match the registered key, ssh-ed25519 SHA256:registered?';
    expect(adviseOn(wrong, 'kiln-01').ask).toBe(
      `northwind: Which private key file does ssh_key in connect.yaml name? ${question}`,
    );
    expect(customerText(wrong)).toContain(`\n- ${question}\n`);
  });
});

describe('a suspended tenant', () => {
  it('when another console may have suspended it, does not promise a reason in the audit trail', () => {
    const { ask } = adviseOn({ ...tunnel, code: 'T-2002' }, 'kiln-01');
    expect(ask).toMatch(/log names them.*if it was done from this console/);
  });
});

describe('no session', () => {
  it('when there was a session before, says when it ended, if known', () => {
    const meaning = (of: typeof tunnel | typeof seen, code: 'T-3001' | 'T-3004' = 'T-3001') =>
      adviseOn({ ...of, code }, 'kiln-01').meaning;
    expect(meaning(tunnel, 'T-3004')).toBe(
      'northwind hasn’t connected yet: no session from the tenant’s site was ever seen.',
    );
    expect(meaning(tunnel)).toBe(
      'northwind is not connected. It was before, but the appliance no longer knows how its last session ended.',
    );
    expect(meaning(seen)).toBe(
      'northwind hasn’t been connected since 2026-11-20 09:00:00 UTC (session ended).',
    );
  });

  it('names the appliance in texts for the operator only', () => {
    const absent = { ...tunnel, code: 'T-3001' } as const;
    expect(adviseOn(absent, 'kiln-01').ask).toBe(
      'northwind: Is Connect (or the ssh client) running? Can it reach kiln-01 on the SSH port (see firewall.txt)? Does its log show an error?',
    );
    expect(customerText(absent)).toContain('\n- Can it reach us on the SSH port (see firewall.txt)?\n');
  });
});

describe('a port that is held without a live session', () => {
  it('when the tenant never had a session, says that another process holds the port and cannot be ended from here', () => {
    const foreign = adviseOn({ ...tunnel, code: 'T-4002' }, 'kiln-01');
    expect(foreign.meaning).toMatch(/^Another process on kiln-01 holds port 2204/);
    expect(foreign.ask).toMatch(/^the administrator of kiln-01/);
    expect(foreign.next).toMatch(/this console can’t end it/);
    const old = adviseOn({ ...seen, code: 'T-4002' }, 'kiln-01');
    expect(old.meaning).toMatch(/usually an old connection/);
    expect(old.ask).toBeNull();
  });
});

describe('a customer of plain OpenSSH', () => {
  it('when the service has no name, the texts do not mention a name', () => {
    const plain = { ...tunnel, destination: null, group: null, repository: null };
    expect(customerText({ ...plain, code: 'T-6001' })).toMatch(/^Connection: northwind\n/);
    expect(adviseOn({ ...plain, code: 'T-6002' }, 'kiln-01').meaning).toContain('Plain OpenSSH');
  });
});

const faulty = (code: 'T-6101' | 'T-6201', cause: FaultCause | undefined, evidence: string) => ({
  ...tunnel,
  code,
  layers: [{ code, evidence, ...(cause === undefined ? {} : { cause }) }],
});

describe('a fault whose answer says why', () => {
  it.each([
    [
      'T-6201',
      'old-version',
      'answered: SMB 1 only; SMB 2 or later is needed',
      /connect\.yaml is right/,
      /SMB 2/,
    ],
    [
      'T-6201',
      'redirect',
      'answered: HTTP 301 to https://dav.example/; connect.yaml says http',
      /where the redirect leads/,
      /redirects/,
    ],
    ['T-6201', 'speaks-tls', 'answered: TLS 1.3; connect.yaml says http', /to https/, /speaks TLS/],
    ['T-6201', undefined, 'answered: SSH: SSH-2.0-x', /correct connect\.yaml/, /service, scheme and port/],
    ['T-6101', 'speaks-no-tls', 'it sent HTTP: HTTP/1.1 400', /to http/, /speaks no TLS/],
    ['T-6101', 'old-version', 'TLS alert “protocol version”', /TLS 1\.2/, /TLS 1\.2/],
    ['T-6101', 'wants-certificate', 'TLS alert “certificate required”', /client certificate/, /client cert/],
    ['T-6101', 'unknown-name', 'TLS alert “unrecognized name”', /host name/, /host name/],
    ['T-6101', undefined, 'TLS alert “internal error”', /TLS configuration/, /use TLS on this port/],
  ] as const)('when it is %s with the cause %s, the advice follows it and quotes the answer', (...row) => {
    const [code, cause, evidence, next, check] = row;
    const advice = adviseOn(faulty(code, cause, evidence), 'kiln-01');
    expect(advice.next).toMatch(next);
    expect(advice.ask).toMatch(check);
    const text = customerText(faulty(code, cause, evidence));
    expect(text).toContain(`\nResult of our test: ${evidence}\n`);
    expect(text).toMatch(check);
  });

  it('when the evidence has internals of the appliance, the customer does not read it', () => {
    const layers = [{ code: 'T-4001', evidence: 'nothing listens on 2204, sshd 77' }] as const;
    expect(customerText({ ...tunnel, code: 'T-4001', layers })).not.toContain('sshd 77');
    const old = [{ code: 'T-6401', evidence: 'cmis needs the appliance 1.14.4, and it is 1.7.2' }] as const;
    expect(customerText({ ...tunnel, code: 'T-6401', layers: old })).not.toContain('1.7.2');
  });

  it('when a service sends line breaks or hidden characters, the text keeps its lines', () => {
    const text = customerText(faulty('T-6201', undefined, 'answered: x\nCode: T-6000\u202e'));
    expect(text.split('\n').filter((line) => line.startsWith('Code:'))).toEqual(['Code: T-6201']);
  });
});

describe('help', () => {
  it('when a code is shown without a tunnel, says what to check on which side', () => {
    expect(tunnelCodeHelp('T-6002')).toEqual({
      code: 'T-6002',
      layer: 'service',
      side: 'tenant',
      word: 'service silent',
      meaning:
        'No data within 10 s, although the tenant’s client was alive, or the connection ended after more than 1.5 s without data. With plain OpenSSH, the code means only that nothing came back.',
      ask: 'the tenant: Does the service hang? Could a firewall be dropping packets between Connect and the service?',
      next: 'Test again after they have checked.',
      checks: [
        'Does the service hang?',
        'Could a firewall be dropping packets between Connect and the service?',
      ],
    });
  });
});

describe.each(['destination', 'group', 'repository'] as const)('a text for the customer', (field) => {
  it.each(['x\nCode: T-1000', 'x\rCode: T-1000', 'x\u2028Code: T-1000', 'x\u202eCode: T-1000'])(
    `when the ${field} is %j, the text has the same lines`,
    (value) => {
      for (const code of ['T-5001', 'T-6001'] as const) {
        const text = customerText({ ...tunnel, code, [field]: value });
        expect(text.split(/[\n\r\u2028]/u)).toHaveLength(
          customerText({ ...tunnel, code }).split('\n').length,
        );
        expect(text).not.toContain(value);
      }
    },
  );
});
