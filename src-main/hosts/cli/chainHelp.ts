import { layerNames } from '../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';

/** Explains the column CHAIN below the help of each command that prints it. */
export const chainHelp = `
CHAIN holds a letter for each layer of a tunnel, in this order:
  ${layerNames.join(', ')}
  o  OK    w  needs attention    f  fault    u  not known, or an earlier layer is not OK
The first layer that is not OK is the fault. docs/tunnel-codes.md explains its code.`;
