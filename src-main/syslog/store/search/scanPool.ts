import { AppError } from '../../../../src-shared/errors.ts';
import type { LogDatabase } from '../database.ts';
import { createBlockReader } from '../read/blockReader.ts';
import { createScanner, type Scanner, type UnitCount, type UnitPage, type Wanted } from './scanner.ts';
import type { SearchSpec } from './searchSpec.ts';
import type { Unit } from './units.ts';

/** Scans units of searches, on this thread or on others. */
export type ScanPool = {
  open: (id: string, spec: SearchSpec) => void;
  page: (id: string, unit: Unit, limit: number) => Promise<UnitPage>;
  count: (id: string, units: Unit[], wanted: Wanted) => Promise<UnitCount>;
  close: (id: string) => void;
};

/** Scans on this thread, between other work. */
export function createLocalScanPool({ sqlite, hashKey }: LogDatabase): ScanPool {
  const reader = createBlockReader(sqlite);
  const scanners = new Map<string, Scanner>();

  async function scan<Result>(id: string, work: (scanner: Scanner) => Result): Promise<Result> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const scanner = scanners.get(id);
    if (scanner === undefined) throw new AppError('CANCELLED', 'The search was cancelled.');
    return work(scanner);
  }
  return {
    open: (id, spec) => void scanners.set(id, createScanner(reader, spec, hashKey)),
    page: (id, unit, limit) => scan(id, (scanner) => scanner.page(unit, limit)),
    count: (id, units, wanted) => scan(id, (scanner) => scanner.count(units, wanted)),
    close: (id) => void scanners.delete(id),
  };
}
