import { readFile } from 'node:fs/promises';
import type { StockBox } from './stockBox.ts';
import { waitFor } from './waitFor.ts';

/** Waits until the syslog of a box has a text: rsyslog writes a line some time after a program has logged it. */
export function untilLogged({ syslogFile }: Pick<StockBox, 'syslogFile'>, text: string): Promise<void> {
  return waitFor(`the syslog has ${text}`, async () => (await readFile(syslogFile, 'utf8')).includes(text));
}
