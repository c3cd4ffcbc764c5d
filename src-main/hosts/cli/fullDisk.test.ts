import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Runs the command line with standard output on a full disk. */
function runOnFullDisk(...words: string[]) {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const program = join(import.meta.dirname, './cli.ts');
  return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
}

for (const words of [['help'], ['--version'], ['--json', 'version'], ['help', 'status']])
  test(`when the output of ${words.join(' ')} can’t be written, the command fails with one line`, () => {
    const { status, stderr } = runOnFullDisk(...words);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^sallyport: The output can’t be written: ENOSPC[^\n]*\n$/u);
  });
