import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openBrowser } from './openBrowser.ts';

const url = 'http://127.0.0.1:7777/#token=very-secret';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-open-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('opens a private page in the browser without the token in its arguments', async () => {
  const seen = join(folder, 'seen');
  const program = join(folder, 'xdg-open');
  writeFileSync(program, `#!/bin/sh\nprintf '%s' "$*" > '${seen}.new' && mv '${seen}.new' '${seen}'\n`);
  chmodSync(program, 0o700);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
  vi.stubEnv('DISPLAY', ':0');
  const close = openBrowser(folder, url);
  await expect.poll(() => existsSync(seen)).toBe(true);
  const file = join(folder, 'open.html');
  expect(readFileSync(seen, 'utf8')).toBe(`file://${file}`);
  expect(readFileSync(file, 'utf8')).toContain(`url=${url}`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  close();
  expect(existsSync(file)).toBe(false);
});

test('when there is no display, opens nothing', () => {
  vi.stubEnv('DISPLAY', undefined);
  vi.stubEnv('WAYLAND_DISPLAY', undefined);
  openBrowser(folder, url)();
  expect(existsSync(join(folder, 'open.html'))).toBe(false);
});
