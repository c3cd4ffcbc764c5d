import type { LogBatch, LogSink, LogSource } from './logSource.ts';
import type { Plan, PlannedRead } from './plan.ts';
import type { ReadContext } from './readFile.ts';
import type { RemoteLog } from './remoteLog.ts';
import { chooseSkew, errorOfSkew } from './skew.ts';
import type { Piece } from './sourceReader.ts';
import type { Survey } from './survey.ts';

const nothing = Buffer.alloc(0);

/** Passes on what one round reads to the sink, and knows how far each source is. */
export function createKeeper(options: {
  applianceId: string;
  sink: LogSink;
  survey: Survey;
  known: readonly LogSource[];
  /** When bytes were read last. Null: never. */
  lastReadAt: () => number | null;
  onRead: () => void;
  clock: () => number;
}) {
  const { applianceId, sink, survey, clock } = options;
  const sources = new Map(options.known.map((source) => [source.id, source]));
  const used = options.known.findLast((source) => source.skewMs !== undefined)?.skewMs ?? null;
  const skewMs = chooseSkew(used, survey.skew);
  const skewErrorMs = errorOfSkew(skewMs, survey.skew);
  const facts = { zoneOffsetMinutes: survey.zoneOffsetMinutes, skewMs, skewErrorMs };

  async function append(
    piece: Pick<LogBatch, 'source' | 'from' | 'to' | 'bytes'>,
    how: { isOlder: boolean },
  ): Promise<void> {
    const source = { ...piece.source, skewMs };
    await sink.append({ applianceId, receivedAt: clock(), ...facts, ...piece, source }, how);
    sources.set(source.id, source);
    if (piece.bytes.length > 0) options.onRead();
  }

  async function addGap({ gap, source }: Plan['gaps'][number]): Promise<void> {
    await sink.addGap({ applianceId, since: options.lastReadAt(), until: clock(), ...gap }, source);
    if (source !== null) sources.set(source.id, source);
  }

  return {
    /** Keeps the new and changed sources and the gaps of a plan, and removes the gaps that are over. */
    async keepPlan({ changed, gaps, resolved }: Pick<Plan, 'changed' | 'gaps' | 'resolved'>): Promise<void> {
      for (const source of changed)
        await append({ source, from: source.offset, to: source.offset, bytes: nothing }, { isOlder: false });
      for (const gap of gaps) await addGap(gap);
      // Their sources are open again by now, so that a gap that is left returns.
      if (resolved.length > 0) await sink.removeGaps(applianceId, resolved);
    },
    createContext: (call: {
      log: RemoteLog;
      signal: AbortSignal;
      exclude: (read: PlannedRead) => void;
      /** Whether newer lines were read before. */
      isOlder: boolean;
    }): ReadContext => ({
      ...call,
      keep: async (piece: Piece) => {
        if (piece.bytes.length > 0 || piece.source.isComplete) await append(piece, call);
      },
      current: (source) => sources.get(source.id) ?? source,
      addCorruptGap: ({ id, order, offset, end }) =>
        addGap({
          gap: {
            id: `${id}:corrupt`,
            sourceId: id,
            order,
            fromByte: offset,
            toByte: end,
            reason: 'corrupt',
            text: '',
          },
          source: null,
        }),
    }),
  };
}
