import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetPortMemory, loadPortMemory, updatePortMemory } from './portMemory.ts';
import { encodeMessage, maxLine, serverMessageSchema, type RememberedPort } from './registrarProtocol.ts';
import { splitMemory } from './rememberedPorts.ts';

let stateFolder: string;
beforeEach(() => {
  stateFolder = mkdtempSync(join(tmpdir(), 'port-memory-'));
  mkdirSync(join(stateFolder, 'ports'));
  const key = { type: 'ssh-ed25519', blob: 'AAAA', fingerprint: 'SHA256:x', addedAt: '2026-01-01T00:00:00Z' };
  const tenant = { clientId: 'acme', suspended: false, ports: [{ first: 2200, last: 2219 }], keys: [key] };
  writeFileSync(join(stateFolder, 'tenants.json'), JSON.stringify({ format: 1, tenants: [tenant] }));
});
afterEach(() => rmSync(stateFolder, { recursive: true, force: true }));

const forward = (port: number, repository: string) => ({
  port,
  group: 'g',
  repository,
  uri: `smb://${repository}.lan:445`,
});
const kept = () => ({ stateFolder, clientId: 'acme' });
const announce = (...forwards: ReturnType<typeof forward>[]) =>
  updatePortMemory({ ...kept(), forwards, others: [] });
const stored = () => loadPortMemory(kept()).map(({ port, repository }) => `${port} ${repository}`);

describe('the port memory', () => {
  it('keeps ports of removed repositories, the least recently used first', () => {
    announce(forward(2200, 'a'), forward(2201, 'b'), forward(2202, 'c'));
    announce(forward(2202, 'c'), forward(2200, 'a'));
    announce(forward(2202, 'c'));
    expect(stored()).toStrictEqual(['2201 b', '2200 a', '2202 c']);
    announce(forward(2201, 'd'));
    expect(stored()).toStrictEqual(['2200 a', '2202 c', '2201 d']);
  });

  it('when two sessions of a tenant announce the same port, keeps the repository of the first', () => {
    announce(forward(2200, 'a'));
    const other = forward(2200, 'x');
    for (let times = 0; times < 3; times += 1) {
      updatePortMemory({ ...kept(), forwards: [other, forward(2201, 'y')], others: [forward(2200, 'a')] });
      updatePortMemory({ ...kept(), forwards: [forward(2200, 'a')], others: [other, forward(2201, 'y')] });
    }
    expect(stored().toSorted()).toStrictEqual(['2200 a', '2201 y']);
  });

  it('when nothing changed, writes nothing', () => {
    announce(forward(2200, 'a'));
    chmodSync(join(stateFolder, 'ports', 'acme.json'), 0o400);
    announce(forward(2200, 'a'));
    expect(stored()).toStrictEqual(['2200 a']);
  });

  it.each([
    ['is empty', ''],
    ['is cut off', '{"format":1,"ports":[{"por'],
    ['has another format', '{"format":2,"ports":[]}'],
    ['names hidden characters', JSON.stringify({ format: 1, ports: [{ ...forward(2200, 'a\u202e') }] })],
  ])('when the file %s, starts again', (_case, text) => {
    writeFileSync(join(stateFolder, 'ports', 'acme.json'), text);
    expect(loadPortMemory(kept())).toStrictEqual([]);
    announce(forward(2200, 'a'));
    expect(stored()).toStrictEqual(['2200 a']);
  });

  it('when the tenant is removed, stores nothing more', () => {
    announce(forward(2200, 'a'));
    forgetPortMemory(kept());
    writeFileSync(join(stateFolder, 'tenants.json'), JSON.stringify({ format: 1, tenants: [] }));
    announce(forward(2200, 'a'));
    expect(stored()).toStrictEqual([]);
  });

  it('when a client names the longest repositories on every port, stays bounded, and so does each message', () => {
    const name = '\u{1f600}'.repeat(64);
    const forwards = Array.from({ length: 3000 }, (_, index) => ({
      ...forward(2200 + index, name),
      group: name,
    }));
    for (const shift of [0, 1]) announce(...forwards.slice(shift));
    const memory = loadPortMemory(kept());
    expect(memory).toHaveLength(3000);
    expect(readFileSync(join(stateFolder, 'ports', 'acme.json')).length).toBeLessThan(8 * 1024 * 1024);
    const parts = splitMemory(memory, 16 * 1024);
    expect(parts.flat()).toStrictEqual(memory);
    for (const ports of parts) {
      const line = encodeMessage({ type: 'remembered', ports });
      expect(Buffer.byteLength(line)).toBeLessThan(maxLine);
      expect(serverMessageSchema.parse(JSON.parse(line))).toStrictEqual({ type: 'remembered', ports });
    }
  });
});

it('when nothing is remembered, is one empty part', () => {
  const none: RememberedPort[] = [];
  expect(splitMemory(none, 10)).toStrictEqual([[]]);
});
