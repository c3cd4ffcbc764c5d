import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogEngineClient } from '../src-main/syslog/store/process/engineClient.ts';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';

/** When the lines arrived. */
export const filledAt = Date.parse('2026-11-20T12:00:00Z');

/** A log store in a folder of its own, with its real process, to which a test appends lines. */
export function openFilledLogs() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-logs-'));
  const engine = createLogEngineClient({ start: () => forkEngine(folder) });
  const offsets = new Map<string, number>();

  return {
    folder,
    engine,
    /** Appends lines to a file of an appliance. `isComplete`: nothing more will come, as after a rotation. */
    append: async (
      lines: readonly (string | Buffer)[],
      options: {
        applianceId?: string;
        file?: string;
        order?: number;
        isComplete?: boolean;
        receivedAt?: number;
        skewMs?: number;
      } = {},
    ): Promise<void> => {
      const { applianceId = 'kiln', file = 'first', order = 1, isComplete = false } = options;
      const name = `${applianceId} ${file}`;
      const from = offsets.get(name) ?? 0;
      const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
      const to = from + bytes.length;
      offsets.set(name, to);
      const identity = { id: file, device: '8:1', inode: `${file.length}`, head: '', anchor: '', end: null };
      await engine.append({
        applianceId,
        source: { ...identity, start: 0, offset: to, order, isComplete },
        from,
        to,
        bytes,
        receivedAt: options.receivedAt ?? filledAt,
        zoneOffsetMinutes: 0,
        skewMs: options.skewMs ?? 0,
      });
    },
    close: async (): Promise<void> => {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type FilledLogs = ReturnType<typeof openFilledLogs>;
