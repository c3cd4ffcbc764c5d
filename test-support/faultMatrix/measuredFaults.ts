import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { tunnelCodeSchema } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { sides } from '../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { faultRows } from './faultRows.ts';
import { clientKinds, type ClientKind } from './clientKinds.ts';

const file = join(import.meta.dirname, '../../docs/faults.json');

const measuredSchema = z.array(
  z.strictObject({
    fault: z.string(),
    client: z.enum(clientKinds),
    code: tunnelCodeSchema,
    side: z.enum(sides),
    /** From the fault to the verdict, as measured last. */
    seconds: z.number().nonnegative(),
  }),
);
export type MeasuredFault = z.infer<typeof measuredSchema>[number];

/** What the matrix test measured when its results were last written. `docs/faults.md` shows it. */
export function readMeasuredFaults(): MeasuredFault[] {
  return measuredSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const order = ({ fault, client }: { fault: string; client: ClientKind }) =>
  faultRows.findIndex(({ name }) => name === fault) * clientKinds.length + clientKinds.indexOf(client);

/** Replaces the measurements of these cases, and drops those of faults that are not in the rows any more. */
export function writeMeasuredFaults(measured: readonly MeasuredFault[]): void {
  const isNew = (one: MeasuredFault) =>
    measured.some(({ fault, client }) => fault === one.fault && client === one.client);
  const kept = readMeasuredFaults().filter((one) => !isNew(one) && order(one) >= 0);
  const all = [...kept, ...measured].toSorted((a, b) => order(a) - order(b));
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}
