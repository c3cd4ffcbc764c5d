import { applianceFaults } from './applianceFaults.ts';
import type { LabFault } from './labFault.ts';
import { tunnelFaults } from './tunnelFaults.ts';

/** All faults that the lab can cause. The command line, `docs/fault-gallery.md` and a test use this list. */
export const labFaults: readonly LabFault[] = [...tunnelFaults, ...applianceFaults];
