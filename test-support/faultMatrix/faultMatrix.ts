import { createKeyedQueue } from '../../src-shared/base/keyedQueue.ts';
import { createSlots } from '../../src-shared/base/slots.ts';
import { startStockBox } from '../stockBox.ts';
import { watchAppliance } from '../tenantSite.ts';
import type { ClientKind } from './clientKinds.ts';
import type { FaultRow } from './faultRow.ts';
import { faultRows } from './faultRows.ts';
import { createCell, detectFault, startWell, type Detection, type MatrixSetup } from './matrixCell.ts';
import { startMatrixNetwork } from './matrixNetwork.ts';
import { readMeasuredFaults, writeMeasuredFaults, type MeasuredFault } from './measuredFaults.ts';

/** Tunnels that start or are tested at the same time. Others wait, so that sshd does not turn logins away. */
const maxCells = 8;

export type MatrixCase = { row: FaultRow; kind: ClientKind; fault: string };

/** The cells of the matrix in which the fault can occur with the client. */
export function applicableCases(kinds: readonly ClientKind[]): MatrixCase[] {
  return faultRows.flatMap((row) =>
    kinds
      .filter((kind) => !('notApplicable' in row.expected[kind]))
      .map((kind) => ({ row, kind, fault: row.fault })),
  );
}

async function startSetup() {
  const box = await startStockBox();
  const commands = createKeyedQueue();
  // One command at a time, because a command gives up if others hold the appliance's lock for long.
  const appliance = {
    ...box,
    ke: (...call: Parameters<typeof box.ke>) => commands.take('', () => box.ke(...call)),
  };
  const undo: (() => Promise<void>)[] = [box.stop];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const network = await startMatrixNetwork(appliance);
    undo.push(network.stop);
    const watched = await watchAppliance(appliance);
    undo.push(watched.close);
    const setup: MatrixSetup = { appliance, network, watched };
    return { setup, undo, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts one appliance and begins all faults on it, each with its own tenant and a few at a time, and then those
 * that affect every tunnel. `detection` resolves with the verdict of one case.
 */
export async function startFaultMatrix(cases: readonly MatrixCase[]) {
  const { setup, undo, stop } = await startSetup();
  const slots = createSlots(maxCells);
  const started = new Map<MatrixCase, Promise<Detection>>();

  const prepare = async ({ row, kind }: MatrixCase) => {
    const cell = await createCell(setup, row, kind);
    undo.push(cell.stop);
    if (row.isFromStart !== true) await startWell(cell);
    return cell;
  };
  const detectAlone = async (one: MatrixCase): Promise<Detection> => {
    const release = await slots.acquire();
    try {
      const cell = await prepare(one);
      return await detectFault(cell, one.row, async () => {
        await one.row.begin?.(cell);
        if (one.row.isFromStart === true) cell.client.start();
      });
    } finally {
      release();
    }
  };
  const isShared = ({ row }: MatrixCase) => row.beginForAll !== undefined;
  for (const one of cases) if (!isShared(one)) started.set(one, detectAlone(one));

  /** Waits for the others, because the fault would disturb them. */
  const detectTogether = async (
    row: FaultRow,
    own: readonly MatrixCase[],
    others: readonly Promise<unknown>[],
  ) => {
    await Promise.allSettled(others);
    const cells = await Promise.all(own.map(prepare));
    const begun = Promise.withResolvers<undefined>();
    const runs = cells.map((cell) => {
      const isReady = Promise.withResolvers<undefined>();
      const begin = () => {
        isReady.resolve(undefined);
        return begun.promise;
      };
      return { isReady: isReady.promise, detection: detectFault(cell, row, begin) };
    });
    const detections = runs.map(({ detection }) => detection);
    await Promise.all(runs.map((run) => Promise.race([run.isReady, run.detection])));
    await row.beginForAll?.(setup);
    begun.resolve(undefined);
    return Promise.allSettled(detections);
  };
  for (const row of new Set(cases.filter(isShared).map((one) => one.row))) {
    const own = cases.filter((one) => one.row === row);
    const results = detectTogether(row, own, [...started.values()]);
    for (const [index, one] of own.entries())
      started.set(
        one,
        results.then((all) => {
          const result = all[index];
          if (result?.status !== 'fulfilled') throw result?.reason;
          return result.value;
        }),
      );
  }
  // The test of a case reports its error.
  for (const detection of started.values()) detection.catch(() => undefined);
  return {
    detection: async (one: MatrixCase): Promise<Detection> => {
      const detection = started.get(one);
      if (detection === undefined) throw new Error(`${one.row.name} was not started`);
      return detection;
    },
    stop: async () => {
      await Promise.allSettled(started.values());
      await stop();
    },
  };
}

/** If this is set, the results are written for the document. */
const writeVariable = 'WRITE_FAULT_TIMES';

/** The verdict that the document shows for a case, if it was measured before. Updates it first with `detection` if that was requested. */
export function documentedVerdict(
  { row, kind }: MatrixCase,
  detection: Detection,
): MeasuredFault | undefined {
  const { code, side } = detection;
  const seconds = Math.round(detection.seconds * 10) / 10;
  if (process.env[writeVariable] !== undefined)
    writeMeasuredFaults([{ fault: row.name, client: kind, code, side, seconds }]);
  return readMeasuredFaults().find(({ fault, client }) => fault === row.name && client === kind);
}
