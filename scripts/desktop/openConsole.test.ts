import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { startRuntimeMirror, type RuntimeMirror } from '../../test-support/electron/runtimeMirror.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createConsoleOpener } from './openConsole.ts';
import { createParts, type Parts } from './parts.ts';
import { usualLimits } from './resumedDownload.ts';

/** A desktop that opens its window and runs until it is ended. */
const goodProgram = `#!/bin/sh
echo "started with $*"
echo '{"opened":true}'
exec sleep 600
`;
const webProgram = `echo '{"url":"http://web.localhost:1/#token=x"}'; exec sleep 600`;
/** Short enough for a test; what they end never answers. */
const limits = { ...usualLimits, connectMs: 3000, stallMs: 300, maxRetries: 4, firstRetryMs: 10 };

let mirror: RuntimeMirror;
let parts: Parts;
const ending = { current: new AbortController() };
afterEach(async () => {
  ending.current.abort(new Error('the test ended'));
  await parts.stopAll();
  await mirror.stopServer();
  mirror.remove();
});

/** What `npm start` prints while it opens the console, with the server's runtime and a stand-in for the web host. */
async function setUp(program: string, options: { env?: NodeJS.ProcessEnv; isRoot?: boolean } = {}) {
  mirror = await startRuntimeMirror(program);
  parts = createParts();
  ending.current = new AbortController();
  const state = { said: '', press: () => {}, isListening: false };
  const open = createConsoleOpener({
    parts,
    computer: {
      platform: process.platform,
      isRoot: options.isRoot ?? false,
      env: { ...mirror.env, ...options.env },
    },
    runtime: { packageFolder: mirror.packageFolder, partFolder: mirror.partFolder, limits },
    isWeb: false,
    desktopArguments: ['main.js'],
    startWeb: (onLine) =>
      parts.start({ name: 'The web host', command: 'sh', args: ['-c', webProgram], onLine }),
    onEnter: (listener) => {
      state.press = listener;
      state.isListening = true;
      return { isListening: true, stop: () => (state.isListening = false) };
    },
    ends: 'the console',
    output: { isTerminal: false, columns: 80, write: (text) => (state.said += text) },
    signal: ending.current.signal,
  });
  return { open, state };
}

const inBrowser =
  /Until then, the console runs in the browser\.\nSallyport: http:\/\/web\.localhost:1\/#token=x\nAn address works once/u;

test('when the runtime is not here, it is downloaded, checked, installed and started', async () => {
  const { open, state } = await setUp(goodProgram);
  await open();
  expect(state.said).toMatch(
    /^Electron's runtime is not installed yet: downloading it once\.\nElectron's runtime: 0\.0 of 0\.2 MB\n(?:.*MB.*\n)*started with main\.js --announce\n$/u,
  );
  expect(mirror.requests).toHaveLength(1);
  expect(existsSync(mirror.partFile)).toBe(false);
  expect(state.isListening).toBe(false);

  // It is here now.
  await mirror.stopServer();
  await open();
  expect(mirror.requests).toHaveLength(1);
  expect(state.said.match(/started with/gu)).toHaveLength(2);
});

test('when nothing can be reached, the browser opens at once, with the reason and the remedy', async () => {
  const { open, state } = await setUp(goodProgram);
  await mirror.stopServer();
  await open();
  expect(state.said).toMatch(
    /The desktop can't open: Electron's runtime can't be downloaded from here \(.*ECONNREFUSED.*\)\.\nTo open it, connect this computer to the internet/u,
  );
  expect(state.said).toMatch(inBrowser);
});

test('when the server does not have the runtime, the browser opens', async () => {
  const { open, state } = await setUp(goodProgram);
  mirror.next({ kind: 'status', status: 404 });
  await open();
  expect(state.said).toContain(
    "The desktop can't open: the download of Electron's runtime failed (the server answered 404).\n",
  );
  expect(state.said).toMatch(inBrowser);
});

test('when the download stalls half-way or is cut, it continues where it stood', async () => {
  const { open, state } = await setUp(goodProgram);
  mirror.next(
    { kind: 'part', share: 0.5, end: 'silence' },
    { kind: 'part', share: 0.5, end: 'cut' },
    { kind: 'status', status: 503 },
  );
  await open();
  expect(state.said).toContain('started with main.js');
  const starts = mirror.requests.map(({ range }) => Number(/\d+/u.exec(range ?? '0')?.[0]));
  const half = Math.floor(mirror.zip.length / 2);
  expect(starts[0]).toBe(0);
  expect(starts[1]).toBe(half);
  // What the cut connection sent last may be lost.
  expect(starts[2]).toBeGreaterThanOrEqual(half);
  expect(starts[3]).toBe(starts[2]);
});

test('when a download ends for good, what arrived is kept for the next start', async () => {
  const { open, state } = await setUp(goodProgram);
  mirror.next(
    { kind: 'part', share: 0.25, end: 'silence' },
    ...Array.from({ length: limits.maxRetries }, () => ({ kind: 'status', status: 500 }) as const),
  );
  await open();
  expect(state.said).toContain(
    "the download of Electron's runtime failed (the server answered 500).\nTo open it, run npm start again; it continues with what has arrived. Until then, the console runs in the browser.\n",
  );
  const quarter = Math.floor(mirror.zip.length / 4);
  expect(statSync(mirror.partFile).size).toBe(quarter);
  expect(mirror.zip.subarray(0, quarter).equals(readFileSync(mirror.partFile))).toBe(true);

  await open();
  expect(mirror.requests.at(-1)?.range).toBe(`bytes=${quarter}-`);
  expect(state.said).toContain('started with main.js');
});

test.each([
  { what: 'damaged', size: 1000 },
  { what: 'longer than the file', size: 300_000 },
])('when the kept part is $what, the download starts over and is checked again', async ({ size }) => {
  const { open, state } = await setUp(goodProgram);
  mkdirSync(mirror.partFolder);
  writeFileSync(mirror.partFile, Buffer.alloc(size, 7));
  await open();
  expect(state.said).toContain('started with main.js');
  expect(mirror.requests.at(-1)?.range).toBeNull();
});

test('when the server sends another file than the locked one, it is never started', async () => {
  const { open, state } = await setUp(goodProgram);
  mirror.zip.write('changed', 100);
  await open();
  expect(state.said).not.toContain('started with');
  expect(state.said).toMatch(/failed \(Generated checksum .* did not match expected checksum/u);
  expect(state.said).toMatch(inBrowser);
});

test('while the download runs, Enter opens the browser, and the desktop opens when it is complete', async () => {
  const { open, state } = await setUp(goodProgram);
  const enough = Promise.withResolvers<void>();
  mirror.next({ kind: 'pieces', pieces: 4, go: () => enough.promise });
  const opening = open();
  await waitFor('progress', () => state.said.includes('0.2 MB'));
  expect(state.isListening).toBe(true);
  state.press();
  await waitFor('the browser', () => state.said.includes('An address works once'));
  expect(state.isListening).toBe(false);
  expect(state.said).not.toContain('started with');
  enough.resolve();
  await opening;
  expect(state.said).toContain(
    'started with main.js --announce\nThe desktop is open. The page in the browser',
  );
});

test.each([
  {
    what: 'a missing library',
    program:
      'echo "x: error while loading shared libraries: libnss3.so: cannot open shared object file" >&2; exit 127',
    says: 'the library libnss3.so is missing.\nTo open it, install it, on Debian and Ubuntu with: sudo apt-get install libnss3. Until then',
  },
  {
    what: 'forbidden user namespaces',
    program:
      'echo "[1:1/2:FATAL:setuid_sandbox_host.cc(163)] The SUID sandbox helper binary was found, but is not configured correctly." >&2; kill -TRAP $$',
    says: 'this system forbids the user namespaces that the sandbox needs.\nTo open it, give the sandbox its own right: sudo chown root ',
  },
  {
    what: 'a display that does not answer',
    program: 'echo "[1:ERROR:ozone_platform_x11.cc(239)] Missing X server or \\$DISPLAY" >&2; exit 1',
    says: 'the graphical display does not answer.\nTo open it, start it in a graphical session. Until then',
  },
  {
    what: 'an unknown reason',
    program: 'echo "something else" >&2; exit 3',
    says: 'it ended before its window opened. The desktop ended with exit code 3. Its last lines:\n  something else.\n',
  },
])('when the delivered program ends with $what, says so and opens the browser', async ({ program, says }) => {
  const { open, state } = await setUp(`#!/bin/sh\n${program}\n`);
  await open();
  expect(state.said).toContain(`The desktop can't open: ${says}`);
  expect(state.said).toMatch(/the console runs in the browser\.\nSallyport: http/u);
});

test('when another desktop shows its window instead, the browser stays closed and its end is a good one', async () => {
  const { open, state } = await setUp('#!/bin/sh\nexit 0\n');
  await open();
  expect(state.said).not.toContain('http');
  expect((await parts.firstEnd).end).toEqual({ code: 0, signal: null });
});

test('when the runtime is killed with `npm start`, the download ends and keeps what arrived', async () => {
  const { open, state } = await setUp(goodProgram);
  mirror.next({ kind: 'pieces', pieces: 4, go: () => new Promise(() => {}) });
  const opening = open();
  await waitFor('progress', () => existsSync(mirror.partFile) && statSync(mirror.partFile).size > 0);
  ending.current.abort(new Error('ended'));
  await opening;
  expect(statSync(mirror.partFile).size).toBeGreaterThan(0);
  expect(state.said).not.toContain('browser');
});

test.each([
  {
    env: { DISPLAY: '' },
    isRoot: false,
    says: 'there is no graphical display.\nTo open it, start it in a graphical session.',
  },
  {
    env: {},
    isRoot: true,
    says: "Electron's sandbox does not run as root.\nTo open it, start it as a user who is not root.",
  },
  {
    env: { ELECTRON_OVERRIDE_DIST_PATH: '/nothing' },
    isRoot: false,
    says: 'ELECTRON_OVERRIDE_DIST_PATH names a folder without Electron.\nTo open it, correct or remove that variable.',
  },
])('when nothing that is downloaded could open, says $says', async ({ env, isRoot, says }) => {
  const { open, state } = await setUp(goodProgram, { env: { WAYLAND_DISPLAY: '', ...env }, isRoot });
  await open();
  expect(state.said).toContain(
    `The desktop can't open: ${says} Until then, the console runs in the browser.\n`,
  );
  expect(mirror.requests).toEqual([]);
});
