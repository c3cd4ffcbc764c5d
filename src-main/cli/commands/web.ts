import { fileURLToPath } from 'node:url';
import { createConsole } from '../../console.ts';
import { startWebHost } from '../../web.ts';
import { dataFolder, makeDataFolder } from '../dataFolder.ts';
import { openBrowser } from '../openBrowser.ts';
import { stopSignal } from '../stopSignal.ts';
import type { Globals } from '../withConsole.ts';

const rendererFolder = fileURLToPath(new URL('../../../out/renderer', import.meta.url));

/** Serves until SIGINT or SIGTERM. The first line of stdout is `{"url"}`, with and without `--json`. */
export async function runWeb(globals: Globals, options: { port: number; open: boolean }): Promise<number> {
  const folder = dataFolder(globals.data);
  makeDataFolder(folder);
  const console = createConsole({
    dataFolder: folder,
    host: 'web',
    lab: process.env['SALLYPORT_LAB'] === '1',
  });
  const stop = stopSignal();
  try {
    const host = await startWebHost({ console, port: options.port, rendererFolder });
    process.stdout.write(`${JSON.stringify({ url: host.url })}\n`);
    const closeLeadIn = options.open ? openBrowser(folder, host.url) : () => {};
    await stop.reached;
    closeLeadIn();
    await host.close();
  } finally {
    await console.close();
  }
  return 0;
}
