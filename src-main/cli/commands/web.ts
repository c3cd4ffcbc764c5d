import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createConsole } from '../../console.ts';
import { startWebHost } from '../../web.ts';
import { dataFolder, makeDataFolder } from '../dataFolder.ts';
import { stopSignal } from '../stopSignal.ts';
import type { Globals } from '../withConsole.ts';

const rendererFolder = fileURLToPath(new URL('../../../out/renderer', import.meta.url));

function openBrowser(url: string): void {
  const hasDisplay =
    process.platform !== 'linux' ||
    process.env['DISPLAY'] !== undefined ||
    process.env['WAYLAND_DISPLAY'] !== undefined;
  if (!hasDisplay) return;
  const [command, ...rest] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  if (command === undefined) return;
  const child = spawn(command, [...rest, url], { stdio: 'ignore', detached: true });
  // The address is printed anyway.
  child.on('error', () => {});
  child.unref();
}

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
    if (options.open) openBrowser(host.url);
    await stop.reached;
    await host.close();
  } finally {
    await console.close();
  }
  return 0;
}
