import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command that runs another as on a server without Perl: the `perl` that is found first does not run. */
export function createWithoutPerl() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-no-perl-'));
  writeFileSync(join(folder, 'perl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return {
    command: ['/usr/bin/env', `PATH=${folder}:${process.env['PATH'] ?? ''}`],
    remove: () => rmSync(folder, { recursive: true }),
  };
}
