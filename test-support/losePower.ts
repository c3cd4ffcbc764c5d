import { setTimeout as delay } from 'node:timers/promises';
import { createLogEngineClient } from '../src-main/syslog/store/process/engineClient.ts';
import type { EngineChannel } from '../src-main/syslog/store/process/protocol.ts';
import { createKeptFolder, numberedLines } from './keptFolder.ts';
import type { PicturedDisk } from './picturedDisk.ts';
import { waitFor } from './waitFor.ts';

/** Kept lines, and the first one that is not the next line of the log. Null: they are its first lines, each once. */
type Kept = { lines: number; firstWrong: number | null };

export type PowerLoss = {
  /** Lines that were reported as kept before the power failed. */
  acknowledged: number;
  /** What the store has afterwards, and where it continues the log, in bytes. */
  kept: Kept;
  offset: number;
  /** What it has once the restarted console has read on. */
  keptLater: Kept;
};

async function checkKept(folder: Folder): Promise<Kept> {
  const numbers = await folder.keptNumbers();
  const at = numbers.findIndex((number, index) => number !== index);
  return { lines: numbers.length, firstWrong: numbers[at] ?? null };
}

const linesPerWrite = 200;
const writeEveryMs = 25;

type Folder = Awaited<ReturnType<typeof createKeptFolder>>;

/** Writes lines and takes pictures at random moments until there are `count`. Returns them with what was kept before. */
async function takePictures(
  disk: PicturedDisk,
  folder: Folder,
  options: { count: number; maxDelayMs: number },
) {
  const pictures: { picture: number; acknowledged: number }[] = [];
  const ending = new AbortController();
  const write = async () => {
    for (; !ending.signal.aborted; await delay(writeEveryMs)) folder.write(linesPerWrite);
  };
  const writing = write();
  while (pictures.length < options.count) {
    await delay(Math.random() * options.maxDelayMs);
    const acknowledged = (folder.numbers().at(-1) ?? -1) + 1;
    pictures.push({ picture: await disk.takePicture(), acknowledged });
  }
  ending.abort();
  await writing;
  return pictures;
}

/** Opens the store of a picture, then lets a console go on from there until it has kept all lines. */
async function restart(
  folder: Folder,
  startEngine: () => EngineChannel,
): Promise<Omit<PowerLoss, 'acknowledged'>> {
  const { applianceId } = folder;
  const engine = createLogEngineClient({ start: startEngine });
  const sources = await engine.listSources({ applianceId });
  const offset = sources.reduce((sum, { facts }) => sum + facts.offset, 0);
  await engine.close();
  folder.cut();
  folder.open(1, startEngine);
  const kept = await checkKept(folder);
  folder.reconnect();
  await waitFor('all lines are kept', async () => (await folder.countKept()) >= folder.written());
  const keptLater = await checkKept(folder);
  await folder.close();
  return { kept, offset, keptLater };
}

/**
 * Keeps a log of numbered lines on `disk`, lets the power fail at `count` random moments, and restarts a console after each.
 * `written`: how many lines the log has at the end.
 */
export async function losePower(
  disk: PicturedDisk,
  options: { count: number; maxDelayMs: number },
): Promise<{ losses: PowerLoss[]; written: number }> {
  const folder = await createKeptFolder({ startEngine: disk.startEngine });
  try {
    folder.write(1);
    folder.open();
    await waitFor('the log is kept', () => folder.numbers().length > 0);
    const pictures = await takePictures(disk, folder, options);
    await folder.close();
    const losses: PowerLoss[] = [];
    for (const { picture, acknowledged } of pictures)
      await disk.restartFrom(picture, async (startEngine) => {
        losses.push({ acknowledged, ...(await restart(folder, startEngine)) });
      });
    return { losses, written: folder.written() };
  } finally {
    await folder.stop();
  }
}

/** What each power failure should leave behind: the first lines, a position after them, and later all lines. */
export const expectedLosses = ({ losses, written }: Awaited<ReturnType<typeof losePower>>): PowerLoss[] =>
  losses.map(({ acknowledged, kept: { lines } }) => ({
    acknowledged,
    kept: { lines, firstWrong: null },
    offset: numberedLines(0, lines).length,
    keptLater: { lines: written, firstWrong: null },
  }));

/** How many lines each power failure took that had been reported as kept. */
export const lostLines = ({ losses }: Awaited<ReturnType<typeof losePower>>): number[] =>
  losses.map(({ acknowledged, kept }) => Math.max(0, acknowledged - kept.lines));
