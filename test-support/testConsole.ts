import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createServices, type Services } from '../src-main/services.ts';

export type TestServices = {
  services: Services;
  dataFolder: string;
  /** Everything that was logged so far, as JSON lines. */
  logged: () => string;
  /** Closes the console and deletes its data folder. */
  close: () => Promise<void>;
};

/** Creates a real console with its own empty data folder. */
export function createTestServices(options: { policyFiles?: string[] } = {}): TestServices {
  const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-console-'));
  let logged = '';
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged += chunk.toString();
      done();
    },
  });
  const services = createServices({
    dataFolder,
    host: 'web',
    operator: 'ada',
    knownHostsFiles: [],
    policyFiles: options.policyFiles ?? [],
    log: pino({ level: 'trace' }, sink),
  });
  return {
    services,
    dataFolder,
    logged: () => logged,
    close: async () => {
      await services.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
