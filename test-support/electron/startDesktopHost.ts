import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageUrl, portChannel } from '../../src-main/hosts/desktop/channels.ts';
import { runDesktopHost, type DesktopHostOptions } from '../../src-main/hosts/desktop/desktopHost.ts';
import { openPageFiles } from '../../src-main/hosts/page/pageFiles.ts';
import { createElectronStandIn, type ElectronStandIn } from './electronStandIn.ts';
import { createFrame, type WebContentsStandIn, type WindowStandIn } from './windows.ts';

/** Creates a temporary data folder and a built page beside it. `remove` deletes both. */
export function createDesktopFolders() {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-desktop-'));
  const rendererFolder = join(root, 'renderer');
  mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
  writeFileSync(
    join(rendererFolder, 'index.html'),
    '<meta name="csp-nonce" content="__CSP_NONCE__" /><script type="module" src="./assets/main.js"></script>',
  );
  writeFileSync(join(rendererFolder, 'assets/main.js'), 'export {};');
  writeFileSync(join(root, 'secret.json'), '{"secret":true}');
  return {
    dataFolder: join(root, 'data'),
    rendererFolder,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

type Warning = { message: string; error: unknown };

/**
 * Runs the real host with the stand-in for Electron. Resolves when the page is loaded or the start has
 * failed.
 */
export async function startDesktopHost(
  folders: { dataFolder: string; rendererFolder: string },
  options: Pick<DesktopHostOptions, 'openConsole'> & Partial<DesktopHostOptions>,
  electron: ElectronStandIn = createElectronStandIn(),
) {
  const warnings: Warning[] = [];
  await runDesktopHost({
    electron: electron.parts,
    platform: 'linux',
    dataFolder: folders.dataFolder,
    preloadFile: '/out/preload/preload.cjs',
    isDevelopment: false,
    openPage: () => openPageFiles(folders.rendererFolder),
    quitTimeoutMs: 5_000,
    onOpened: () => {},
    request: null,
    verifyUpdate: (file) => Promise.resolve([`Valid: ${file}`]),
    onWarning: (message, error) => warnings.push({ message, error }),
    ...options,
  });
  return { electron, warnings };
}

export function onlyWindow(electron: ElectronStandIn): WindowStandIn {
  const [window, ...more] = electron.windows;
  if (window === undefined || more.length > 0)
    throw new Error(`expected one window, found ${electron.windows.length}`);
  return window;
}

/** Requests a port as the preload in this frame does. Returns the messages that the frame has received. */
export function askForPort(
  electron: ElectronStandIn,
  sender: WebContentsStandIn,
  frame = createFrame(pageUrl),
) {
  electron.sendFrom(sender, frame, portChannel);
  return frame.received;
}
