import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command that runs another so that it finds this `perl` first. */
function createPerl(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-perl-'));
  writeFileSync(join(folder, 'perl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return {
    folder,
    command: ['/usr/bin/env', `PATH=${folder}:${process.env['PATH'] ?? ''}`],
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** A command that runs another as on a server whose Perl does not run. */
export function createWithoutPerl() {
  return createPerl('exit 1');
}

/** A command that runs another with the Perl of this machine, and counts how often it was started. */
export function createCountedPerl() {
  const { folder, ...perl } = createPerl('echo run >>"$(dirname "$0")/runs"; exec /usr/bin/perl "$@"');
  const runs = join(folder, 'runs');
  return {
    ...perl,
    runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8').split('\n').length - 1 : 0),
  };
}
