import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { minuteMs } from '../../../src-shared/base/time.ts';

/**
 * How long the page that redirects to the console exists, in milliseconds. A browser reads it within seconds.
 */
const redirectPageMs = minuteMs;

/** The system's command that opens an address, without the address. Null if there is no display. */
function findOpenCommand(): [string, ...string[]] | null {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const hasDisplay = process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
  return hasDisplay ? ['xdg-open'] : null;
}

/**
 * Writes a page that redirects to `url` into the private data folder. With this page, the token in `url` is
 * not an argument, which other users could see.
 */
function writeRedirectPage(folder: string, url: string): { file: string; remove: () => void } {
  const file = join(folder, 'open.html');
  rmSync(file, { force: true });
  const page = `<!doctype html><meta charset="utf-8"><title>Sallyport</title><meta http-equiv="refresh" content="0;url=${url}">`;
  writeFileSync(file, page, { mode: 0o600, flag: 'wx' });
  return { file, remove: () => rmSync(file, { force: true }) };
}

/**
 * Opens `url` in the system's browser, if there is one. Call the returned function when the console stops, to
 * delete the page.
 */
export function openBrowser(folder: string, url: string): () => void {
  const command = findOpenCommand();
  if (command === null) return () => {};
  const [program, ...rest] = command;
  const leadIn = writeRedirectPage(folder, url);
  setTimeout(leadIn.remove, redirectPageMs).unref();
  const child = spawn(program, [...rest, pathToFileURL(leadIn.file).href], {
    stdio: 'ignore',
    detached: true,
  });
  // Ignore the error, because the address was also printed.
  child.on('error', () => {});
  child.unref();
  return leadIn.remove;
}
