import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { StatementExportPart } from '../../src-shared/contract/usage.ts';
import { fileNameOf } from '../../src-shared/base/fileNameOf.ts';
import { race } from '../../src-shared/base/race.ts';
import type { StatementKind } from '../../src-shared/model/usage/usageReport.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Usage } from '../usage/usage.ts';
import { packArchive } from './archive.ts';
import { readParts } from './logExports.ts';

/** How often a page hears that a statement is still being made. */
const reportMs = 500;

/** Exports statements for the page: as one archive, because a page can't write into a folder. */
export function createStatementExports(options: {
  inventory: Pick<Inventory, 'get'>;
  usage: Pick<Usage, 'exportStatement'>;
}) {
  async function writeArchive(
    folder: string,
    request: { applianceId: string; month: string; kind: StatementKind },
  ) {
    const into = join(folder, 'statement');
    const exported = await options.usage.exportStatement({ ...request, folder: into, number: null });
    const { manifest, isSigned } = exported;
    const files = exported.files.map(({ name, bytes, sha256 }) => ({ name: basename(name), bytes, sha256 }));
    const { name } = options.inventory.get(request.applianceId);
    const title = `${name}-usage-${manifest.month}-statement-${manifest.number}`;
    const archive = fileNameOf(title, 'tar.gz');
    const path = join(folder, 'archive');
    await packArchive(
      path,
      archive.replace(/\.tar\.gz$/u, ''),
      files.map((file) => ({ ...file, path: join(into, file.name) })),
    );
    const { number, sha256 } = manifest;
    return { path, done: { name: archive, number, sha256, isSigned, files } };
  }

  return {
    /** Makes a statement, and yields the parts of its archive and what it contains. Leaves nothing on the disk. */
    write: async function* write(
      request: { applianceId: string; month: string; kind: StatementKind },
      signal: AbortSignal,
    ): AsyncGenerator<StatementExportPart, void, void> {
      const folder = await mkdtemp(join(tmpdir(), 'sallyport-statement-'));
      const writing = writeArchive(folder, request);
      try {
        for (;;) {
          const archive = await race(writing, { signal, timeoutMs: reportMs, onTimeout: () => null });
          if (archive === null) {
            yield { kind: 'progress' };
            continue;
          }
          yield* readParts(archive.path);
          yield { kind: 'done', ...archive.done };
          return;
        }
      } finally {
        // The appliance numbers the statement in any case, so it is not ended in the middle.
        await writing.catch(() => undefined);
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
