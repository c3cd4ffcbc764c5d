import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mountOwnDisk } from './ownDisk.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-disk-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('when users may not mount, there is no disk', async () => {
  const refusing = join(folder, 'unshare');
  writeFileSync(refusing, '#!/bin/sh\necho "unshare failed: Operation not permitted" >&2\nexit 1\n');
  chmodSync(refusing, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  expect(await mountOwnDisk(join(folder, 'disk'))).toBeNull();
});

test('when the system has no such command, there is no disk', async () => {
  vi.stubEnv('PATH', folder);
  expect(await mountOwnDisk(join(folder, 'disk'))).toBeNull();
});
