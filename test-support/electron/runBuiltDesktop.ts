import { createRequire, registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../src-shared/contract/index.ts';

/**
 * Runs a built desktop host in plain Node and does what its page does, up to a call of `system.about`. Prints
 * one JSON line. Usage: `node runBuiltDesktop.ts BUILT_FOLDER --data DIR [--lab]`.
 */
const electronModule = new URL('./electronModule.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === 'electron' ? { url: electronModule, shortCircuit: true } : nextResolve(specifier, context),
});
const { exposedToPage, standIn } = await import('./electronModule.ts');

const [builtFolder = ''] = process.argv.slice(2);
await import(pathToFileURL(resolve(builtFolder, 'desktop/desktop.js')).href);
const started = await Promise.race([standIn.loaded, standIn.exited]);

if (typeof started === 'number') {
  process.stdout.write(`${JSON.stringify({ errorBoxes: standIn.record.errorBoxes })}\n`);
  process.exit(started);
}

async function readPage(path: string): Promise<Response> {
  const handler = standIn.session.handlers.protocol.get('app');
  if (handler === undefined) throw new Error('nothing serves app://');
  return handler(new Request(new URL(path, 'app://sallyport/')));
}

const index = await readPage('/');
const html = await index.text();
const scripts = [...html.matchAll(/(?:src|href)="\.?(\/?assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
const assets = await Promise.all(
  scripts.map(async (path) => ({ path, status: (await readPage(path)).status })),
);

const arrived = Promise.withResolvers<MessagePort>();
let onDocumentReady = (): void => {};
Object.assign(globalThis, {
  window: {
    addEventListener: (_type: string, listener: () => void) => (onDocumentReady = listener),
    postMessage: (_message: unknown, _origin: string, [port]: MessagePort[]) => port && arrived.resolve(port),
  },
});
createRequire(import.meta.url)(started.options.webPreferences?.preload ?? '');
onDocumentReady();
const port = await arrived.promise;
const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port }));
port.start();
const about = await client.system.about({});
started.close();
const exitCode = await standIn.exited;
process.stdout.write(
  `${JSON.stringify({
    about,
    assets,
    exposedToPage,
    hasPolicy: index.headers.has('Content-Security-Policy'),
    hasPlaceholder: html.includes('__CSP_NONCE__'),
    devTools: started.options.webPreferences?.devTools,
  })}\n`,
);
process.exit(exitCode);
