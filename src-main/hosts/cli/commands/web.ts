import { join } from 'node:path';
import { tokenMinutes } from '../../../../src-shared/contract/webSession.ts';
import { createServices } from '../../../services.ts';
import { boundHeap } from '../../../base/boundHeap.ts';
import { programFolder } from '../../../base/programFolder.ts';
import { startWebHost } from '../../web/web.ts';
import { dataFolder, createDataFolder } from '../../../base/dataFolder.ts';
import { onEnter } from '../onEnter.ts';
import { openBrowser } from '../openBrowser.ts';
import { stopSignal } from '../stopSignal.ts';
import { readSecretLine } from '../terminalSecrets.ts';
import type { Globals } from '../withConsole.ts';
import { minuteMs } from '../../../../src-shared/base/time.ts';

const rendererFolder = join(programFolder(), 'out/renderer');

function fixedNameWarning(hostName: string): string {
  return `A fixed name is less secure than the default random name. If another program used ${hostName} and this port before, its
service worker or cached files in your browser can act as the console. Pages of other programs on ${hostName}
may share a browser process with the console. Use a port that no program has used before, or a new private window.`;
}

/**
 * Serves the page until SIGINT or SIGTERM. Prints the address, and a new address for each line of stdin. With
 * `--json`, prints each address as a line `{"format", "url", "port"}`.
 */
export async function runWeb(
  globals: Globals,
  options: { port: number; open: boolean; hostName?: string; idleMinutes: number },
): Promise<number> {
  boundHeap();
  const folder = dataFolder(globals.data);
  createDataFolder(folder);
  const { output } = globals;
  const services = createServices({
    dataFolder: folder,
    host: 'web',
    lab: process.env['SALLYPORT_LAB'] === '1',
    labAuthority: process.env['SALLYPORT_LAB_AUTHORITY'],
  });
  const stop = stopSignal();
  try {
    if (globals.passphraseFd !== undefined)
      await services.secrets.unlock(await readSecretLine(globals.passphraseFd));
    const host = await startWebHost({
      services,
      port: options.port,
      rendererFolder,
      hostName: options.hostName ?? null,
      idleMs: options.idleMinutes === 0 ? Infinity : options.idleMinutes * minuteMs,
    });
    const print = (url: string): void => output.line({ url, port: host.port }, () => `Sallyport: ${url}`);
    print(host.url);
    if (options.hostName !== undefined) output.printError(fixedNameWarning(options.hostName));
    const enter = onEnter(() => print(host.newUrl()));
    if (!output.json)
      output.printError(
        `The address works once, within ${tokenMinutes} minutes.${enter.isListening ? ' Press Enter for a new one.' : ''} Press Ctrl+C to stop the console.`,
      );
    const closeLeadIn = options.open ? openBrowser(folder, host.url) : () => {};
    await stop.reached;
    enter.stop();
    closeLeadIn();
    await host.close();
  } finally {
    await services.close();
  }
  return 0;
}
