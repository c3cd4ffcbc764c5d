import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWebHost, type WebHost } from '../src-main/hosts/web/web.ts';
import { createTestServices } from './testConsole.ts';
import { createWebHostClient } from './webHostClient.ts';

/** Starts a real web host with a small page. `start` starts another host for the same page. */
export async function createWebSite() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-web-'));
  const page = join(folder, 'renderer');
  const emptyFolder = join(folder, 'empty');
  mkdirSync(join(page, 'assets'), { recursive: true });
  mkdirSync(emptyFolder);
  writeFileSync(join(page, 'index.html'), '<style nonce="__CSP_NONCE__"></style>');
  writeFileSync(join(page, 'assets/index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'outside.json'), 'outside');
  const testConsole = createTestServices();
  const hosts: WebHost[] = [];

  async function start(
    options: { port?: number; hostName?: string; rendererFolder?: string } = {},
  ): Promise<WebHost> {
    const { port = 0, hostName = null, rendererFolder = page } = options;
    const { services } = testConsole;
    const host = await startWebHost({ services, port, hostName, rendererFolder, idleMs: Infinity });
    hosts.push(host);
    return host;
  }
  const host = await start();

  return {
    host,
    client: createWebHostClient(host.url),
    start,
    emptyFolder,
    close: async () => {
      for (const each of hosts.splice(0)) await each.close();
      await testConsole.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type WebSite = Awaited<ReturnType<typeof createWebSite>>;
