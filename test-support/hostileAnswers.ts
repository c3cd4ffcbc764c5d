import type { PortRange } from '../src-shared/model/tenants/ports.ts';
import {
  maxListBytes,
  maxListValues,
  maxTenantKeys,
  maxTenants,
  maxTenantSessions,
} from '../src-shared/model/tenants/listLimits.ts';
import { aConnectedTenant } from './aTenant.ts';

const list = (tenants: string) =>
  `{"contract":1,"portRange":{"first":2200,"last":5199},"tenants":${tenants},"refusedLogIns":[]}`;

/** A list of one tenant with `count` forwards. Every 1,000 forwards, the ports repeat. */
function withForwards(count: number): string {
  const tenant = aConnectedTenant(
    'acme',
    Array.from({ length: 1000 }, (_, index) => 2200 + index),
  );
  const forwards = Array.from({ length: count }, (_, index) => tenant.forwards[index % 1000]);
  return list(JSON.stringify([{ ...tenant, forwards }]));
}

/** A list of 60,000 forwards. They fit into 8 MiB because their texts are short. */
function withShortForwards(): string {
  const short = {
    group: null,
    repository: null,
    uri: null,
    announcedAt: null,
    listener: null,
    sessionPid: null,
  };
  const forwards = Array.from({ length: 60_000 }, (_, index) => ({ port: 2200 + (index % 3000), ...short }));
  return list(JSON.stringify([{ ...aConnectedTenant('acme', []), forwards }]));
}

/**
 * A list of 150 tenants with 20 forwards each. Each tenant also has `unplacedPerTenant` repositories without
 * a port. Their URIs have `uriLength` characters.
 */
function printLongTenantList(unplacedPerTenant: number, uriLength: number): string {
  const tenants = Array.from({ length: 150 }, (_, index) => {
    const first = 2200 + 20 * index;
    const tenant = aConnectedTenant(
      `tenant-${index}`,
      Array.from({ length: 20 }, (_, at) => first + at),
    );
    const unplaced = Array.from({ length: unplacedPerTenant }, (_, at) => ({
      group: 'files',
      repository: `r${at}`,
      uri: `smb://10.0.0.1:445/${'x'.repeat(uriLength)}`,
    }));
    return { ...tenant, unplaced };
  });
  return list(JSON.stringify(tenants));
}

/** A list with the maximum number of tenants, keys and sessions. Each tenant has one forward. */
function largestList(ports: (port: number) => PortRange[]): string {
  const tenants = Array.from({ length: maxTenants }, (_, index) => {
    const tenant = aConnectedTenant(`${'tenant'.repeat(6)}-${index}`, [2200 + index]);
    const { keys, sessions } = tenant;
    return {
      ...tenant,
      ports: ports(2200 + index),
      keys: Array.from({ length: maxTenantKeys }, () => keys[0]),
      sessions: Array.from({ length: maxTenantSessions }, () => sessions[0]),
    };
  });
  return list(JSON.stringify(tenants));
}

function repeated(part: string, before = '', after = ''): string {
  const room = maxListBytes - Buffer.byteLength(before + after);
  return `${before}${part.repeat(Math.floor(room / Buffer.byteLength(part)))}${after}`;
}

/**
 * Outputs of `ke_manage_remote_networks list --json`, each with the reason why the console refuses it; null
 * if it does not. All are at most as long as the console reads, unless `isTooLong`.
 */
export const hostileAnswers: Readonly<
  Record<string, { print: () => string | Buffer; reason: string | null; isTooLong?: true }>
> = {
  'that of a full appliance': { print: () => printLongTenantList(0, 0), reason: null },
  'that of 3,000 tenants with all their keys and sessions': {
    print: () => largestList((port) => [{ first: port, last: port + 20 }]),
    reason: null,
  },
  '3,000 tenants that have all ports each': {
    print: () => largestList(() => [{ first: 2200, last: 5199 }]),
    reason: 'tenants has an unexpected value',
  },
  'one byte longer than is read': {
    print: () => Buffer.alloc(maxListBytes + 1, 0x20),
    reason: 'OUTPUT_TOO_LARGE',
    isTooLong: true,
  },
  '3.9 million nested brackets': {
    print: () => '['.repeat(3_900_000) + ']'.repeat(3_900_000),
    reason: 'it is nested more than 32 levels deep',
  },
  '1 million nested objects': {
    print: () => `${'{"a":'.repeat(1_000_000)}0${'}'.repeat(1_000_000)}`,
    reason: 'it is nested more than 32 levels deep',
  },
  '60,000 forwards of one tenant': {
    print: withShortForwards,
    reason: `it holds more than ${maxListValues} values`,
  },
  '48,000 forwards of one tenant': {
    print: () => withForwards(48_000),
    reason: `it holds more than ${maxListValues} values`,
  },
  '5,000 forwards of one tenant': {
    print: () => withForwards(5000),
    reason: 'tenants.0.forwards has an unexpected value',
  },
  'a list that is as long as one may be': { print: () => printLongTenantList(20, 1500), reason: null },
  'the longest answer of one string': {
    print: () => repeated('x', '"', '"'),
    reason: 'the document has an unexpected value',
  },
  'the longest answer of a tenant’s name': {
    print: () => repeated('x', list('[{"clientId":"').slice(0, -20), '"}]}'),
    reason: 'tenants.0.clientId has an unexpected value',
  },
  'the longest answer of digits': {
    print: () => repeated('1'),
    reason: 'the document has an unexpected value',
  },
  'the longest answer of numbers': {
    print: () => repeated('1e308,', '[', '0]'),
    reason: `it holds more than ${maxListValues} values`,
  },
  'the longest answer of keys': {
    print: () => `{${Array.from({ length: 950_000 }, (_, index) => `"k${index}":1`).join(',')}}`,
    reason: `it holds more than ${maxListValues} values`,
  },
  'the longest answer of the same key': {
    print: () => repeated('"a":1,', '{', '"a":1}'),
    reason: `it holds more than ${maxListValues} values`,
  },
  '240,000 keys that look like places in an array': {
    print: () => `{${Array.from({ length: 240_000 }, (_, index) => `"${index * 17_000}":1`).join(',')}}`,
    reason: 'contract has an unexpected value',
  },
  'the longest answer of long keys': {
    print: () =>
      `{${Array.from({ length: 320 }, (_, index) => `"${'k'.repeat(40_000)}${index}":1`).join(',')}}`,
    reason: 'contract has an unexpected value',
  },
  '240,000 tenants that are none': {
    print: () => list(`[${'0,'.repeat(240_000)}0]`),
    reason: 'tenants has an unexpected value',
  },
  '9,000 tenants that are none': {
    print: () => list(`[${'0,'.repeat(9000)}0]`),
    reason: 'tenants has an unexpected value',
  },
  'the longest answer of lone surrogates': {
    print: () => repeated('\\ud800', '["', '"]'),
    reason: 'the document has an unexpected value',
  },
  'the longest answer of escapes': {
    print: () => repeated('\\"', '["', '"]'),
    reason: 'the document has an unexpected value',
  },
  'the longest answer of spaces': { print: () => repeated(' '), reason: 'it is empty' },
  'the longest answer of spaces before a list': {
    print: () => repeated(' ', '', list('[]')),
    reason: null,
  },
  'the longest answer that is no UTF-8': {
    print: () => Buffer.alloc(maxListBytes, 0xff),
    reason: 'it is not JSON',
  },
  'the longest answer of half characters': {
    print: () => Buffer.alloc(maxListBytes, Buffer.from([0xe2, 0x82])),
    reason: 'it is not JSON',
  },
  'the longest answer of wide brackets that are none': {
    print: () => repeated('［'),
    reason: 'it is not JSON',
  },
  'the longest answer of markup': { print: () => repeated('<b>'), reason: 'it is not JSON' },
};
