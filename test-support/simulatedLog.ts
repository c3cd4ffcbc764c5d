import { createHash } from 'node:crypto';
import { setImmediate as tick } from 'node:timers/promises';
import { AppError } from '../src-shared/errors.ts';
import type { FilePlace, ReadEvent, RemoteLog } from '../src-main/syslog/follow/remoteLog.ts';
import type { SurveyedFile } from '../src-main/syslog/follow/survey.ts';

type Inode = { number: number; content: Buffer; modified: number; packing: 'plain' | 'gz' };

export type RotateMode = {
  copytruncate: boolean;
  compress: 'no' | 'yes' | 'delay';
  dateext: boolean;
  keep: number;
};

const chunkBytes = 700;
const rotatedName = /^(?:\.(?<number>\d+)|-(?<date>\d+))(?<packed>\.gz)?$/u;

/**
 * A log and its rotated files in memory, with a writer that holds its file open, and a console's access to them. Every
 * step waits a moment, so that a test can change the files or cut the link in between.
 */
export function createSimulatedLog(options: { linesBefore?: string } = {}) {
  const names = new Map<string, Inode>();
  let time = 1_000_000;
  let dates = 20_260_101;
  let link = new AbortController();
  let isUp = true;
  /** The inode that the writer holds open, and those that a reader does. */
  let writing: Inode | null = null;
  const held: Inode[] = [];

  function create(): Inode {
    const used = new Set(
      [...names.values(), ...held, ...(writing === null ? [] : [writing])].map(({ number }) => number),
    );
    let number = 10;
    // The lowest free number, so that inodes are often used again.
    while (used.has(number)) number += 1;
    return { number, content: Buffer.alloc(0), modified: time, packing: 'plain' };
  }
  const inode = create();
  inode.content = Buffer.from(options.linesBefore ?? '');
  names.set('', inode);
  writing = inode;

  function write(line: string): void {
    if (writing === null) return;
    writing.content = Buffer.concat([writing.content, Buffer.from(line)]);
    writing.modified = time;
  }

  function rotatedFiles() {
    return [...names.keys()]
      .flatMap((name) => {
        const { number, date, packed } = rotatedName.exec(name)?.groups ?? {};
        if (number === undefined && date === undefined) return [];
        return [
          {
            name,
            age: number === undefined ? -Number(date) : Number(number),
            isPacked: packed !== undefined,
          },
        ];
      })
      .sort((a, b) => b.age - a.age);
  }

  async function compress(name: string): Promise<void> {
    const original = names.get(name);
    if (original === undefined || original.packing === 'gz') return;
    const packed = create();
    packed.packing = 'gz';
    packed.modified = original.modified;
    // gzip holds back its first output.
    names.set(`${name}.gz`, packed);
    await tick();
    packed.content = Buffer.from(original.content);
    await tick();
    names.delete(name);
  }

  function shift(mode: RotateMode): string {
    time += 100;
    if (mode.dateext) {
      dates += 1;
      return `-${dates}`;
    }
    for (const { name, age, isPacked } of rotatedFiles()) {
      const file = names.get(name);
      names.delete(name);
      if (file !== undefined) names.set(`.${age + 1}${isPacked ? '.gz' : ''}`, file);
    }
    return '.1';
  }

  /** Rotates like logrotate. Returns after the writer has opened the new file. */
  async function rotate(
    mode: RotateMode,
    on: { beforeCut?: () => void; beforeReopen?: () => void; pause?: number } = {},
  ): Promise<void> {
    const log = names.get('');
    const pause = async () => {
      for (let count = on.pause ?? 1; count > 0; count -= 1) await tick();
    };
    if (log === undefined || log.content.length === 0) return;
    const before = rotatedFiles().at(-1)?.name;
    if (mode.compress === 'delay' && before !== undefined) await compress(before);
    const name = shift(mode);
    if (mode.copytruncate) {
      const copy = create();
      names.set(name, copy);
      copy.content = log.content.subarray(0, Math.floor(log.content.length / 2));
      await tick();
      copy.content = Buffer.from(log.content);
      on.beforeCut?.();
      await pause();
      log.content = Buffer.alloc(0);
    } else {
      names.set(name, log);
      names.delete('');
      await tick();
      names.set('', create());
      on.beforeReopen?.();
      await pause();
      on.beforeReopen?.();
      writing = names.get('') ?? null;
    }
    if (mode.compress === 'yes') await compress(name);
    for (const old of rotatedFiles().slice(0, -mode.keep)) names.delete(old.name);
  }

  async function step(signal: AbortSignal): Promise<void> {
    await tick();
    if (signal.aborted) throw signal.reason;
    if (link.signal.aborted) throw new AppError('LINK_LOST', 'The link was cut.');
  }

  function open(place: FilePlace): Inode | null {
    const found = [...names.values()].find(({ number }) => `${number}` === place.inode) ?? null;
    if (found !== null) held.push(found);
    return found;
  }
  const close = (file: Inode | null) => {
    if (file !== null) held.splice(held.indexOf(file), 1);
  };

  async function* sendChunk(
    file: Inode,
    descriptor: 3 | 4,
    at: number,
    signal: AbortSignal,
  ): AsyncGenerator<ReadEvent, number> {
    const wanted = Math.min(chunkBytes, file.content.length - at);
    await step(signal);
    const bytes = Buffer.from(file.content.subarray(at, at + wanted));
    await step(signal);
    const size = file.content.length;
    const count = Math.min(1024, at + wanted);
    const hash = createHash('sha256').update(file.content.subarray(0, count)).digest('hex');
    await step(signal);
    yield { kind: 'chunk', descriptor, at, bytes, wanted, size, head: { count, hash }, clock: time };
    return at + wanted;
  }

  async function* send(
    places: { first: FilePlace; second: FilePlace | null; stamp: string | null },
    signal: AbortSignal,
  ): AsyncGenerator<ReadEvent> {
    await step(signal);
    const first = open(places.first);
    const second = places.second === null ? null : open(places.second);
    try {
      if (first === null || (places.second !== null && second === null)) return yield { kind: 'changed' };
      let [at3, at4] = [places.first.from, places.second?.from ?? 0];
      let hasMoved = false;
      for (;;) {
        const size = first.content.length;
        const named = names.get('');
        if (size < at3 || (second !== null && second.content.length < at4)) return yield { kind: 'changed' };
        if (second !== null && second.content.length > at4) at4 = yield* sendChunk(second, 4, at4, signal);
        else if (size > at3) at3 = yield* sendChunk(first, 3, at3, signal);
        else if (places.stamp === null) return yield { kind: 'end' };
        else if (named !== undefined && named !== first) {
          if (hasMoved) return yield { kind: 'changed' };
          hasMoved = true;
          continue;
        } else if (stampOf() !== places.stamp) return yield { kind: 'changed' };
        else yield { kind: 'idle', clock: time, isMissing: named === undefined };
        hasMoved = false;
        await step(signal);
      }
    } finally {
      close(first);
      close(second);
    }
  }

  const stampOf = () =>
    [...names]
      .map(([name, { number }]) => `${name}=${number}`)
      .sort((a, b) => a.localeCompare(b))
      .join(' ');

  const remote: RemoteLog = {
    survey: async (signal) => {
      await step(signal);
      const stamp = stampOf();
      // The script surveys again if a name changes, so that a survey shows one moment.
      const files = [...names].map(([name, file]): SurveyedFile => ({
        name,
        device: '1',
        inode: `${file.number}`,
        size: file.content.length,
        modified: file.modified,
        packing: file.packing,
        head: Buffer.from(file.content.subarray(0, 1024)),
      }));
      await step(signal);
      const skew = { skewMs: 0, uncertaintyMs: 500 };
      return { clock: time, zoneOffsetMinutes: 0, skew, stamp, files, bad: [] };
    },
    read: (file, signal) => send({ first: file, second: null, stamp: null }, signal),
    follow: ({ log, previous, stamp }, signal) => send({ first: log, second: previous, stamp }, signal),
    async *readArchive(place, signal) {
      await step(signal);
      const file = open(place);
      if (file === null || file.content.length !== place.size || file.modified !== place.modified)
        return yield { kind: 'changed' };
      try {
        const content = file.content;
        for (let at = place.from; at < content.length; at += chunkBytes) {
          yield { kind: 'part', bytes: Buffer.from(content.subarray(at, at + chunkBytes)) };
          await step(signal);
        }
        yield { kind: 'end', isCorrupt: false };
      } finally {
        close(file);
      }
    },
  };

  return {
    remote,
    write,
    rotate,
    passTime: (seconds: number) => {
      time += seconds;
    },
    remove: (name: string) => void names.delete(name),
    names: () => [...names.keys()],
    isUp: () => isUp,
    cut: () => {
      isUp = false;
      link.abort();
    },
    mend: () => {
      if (!isUp) link = new AbortController();
      isUp = true;
    },
    /** The text of all files, in no particular order. */
    text: () => [...names.values()].map(({ content }) => content.toString('latin1')).join('\n'),
  };
}
