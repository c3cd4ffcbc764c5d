import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createConsole, type Console } from '../src-main/services.ts';

export type TestConsole = {
  console: Console;
  /** Everything logged so far, as pino's lines. */
  logged: () => string;
  /** Closes the console and removes its data folder. */
  close: () => Promise<void>;
};

/** A real console on an empty data folder of its own. */
export function createTestConsole(): TestConsole {
  const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-console-'));
  let logged = '';
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged += chunk.toString();
      done();
    },
  });
  const console = createConsole({
    dataFolder,
    host: 'web',
    operator: 'ada',
    log: pino({ level: 'trace' }, sink),
  });
  return {
    console,
    logged: () => logged,
    close: async () => {
      await console.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
