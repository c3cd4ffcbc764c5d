import { z } from 'zod';
import { windowPlanSchema, windowSecondsSchema, windowViewSchema } from '../model/licence/connectedWindow.ts';
import { nothing, procedure } from './procedure.ts';

const byAppliance = z.strictObject({ applianceId: z.uuid() });
const windowOutput = z.object({ window: windowViewSchema });

/** Renewals for which this computer lends its network to an appliance, to the licence authority only. */
export const connectedWindowContract = {
  /** Asks the appliance for its authority. Rejects with POLICY_FORBIDS, or INVALID_INPUT if it has none. */
  plan: procedure('operator')
    .input(byAppliance)
    .output(z.object({ plan: windowPlanSchema })),
  /**
   * Opens the window for one command and returns at once. Rejects with CONFLICT if the appliance names another
   * authority than the confirmed one, and with BUSY while a window of this appliance is open.
   */
  open: procedure('admin')
    .input(
      byAppliance.extend({
        confirmed: z.strictObject({ host: z.string().max(253), port: z.int() }),
        seconds: windowSecondsSchema,
        /** Only checks what the authority offers. */
        isDryRun: z.boolean(),
        /** The losses of the last check that are accepted; all of them must be. */
        acknowledged: z.array(z.string().max(128)).max(512),
      }),
    )
    .output(windowOutput),
  /** The last window of an appliance since this console started. */
  current: procedure('viewer')
    .input(byAppliance)
    .output(z.object({ window: windowViewSchema.nullable() })),
  /** The windows that are open now. A change of them is reported as a change of licences. */
  listOpen: procedure('viewer')
    .input(nothing)
    .output(
      z.object({
        windows: z.array(z.object({ applianceName: z.string(), host: z.string(), port: z.int() })),
      }),
    ),
  /** Closes the window at once. What the command has installed by then stays. */
  cancel: procedure('operator').input(byAppliance).output(windowOutput),
};
