import { layerNames } from '../../../src-shared/model/tunnels/tunnelLayer.ts';

/** Stands below the help of what prints chains. */
export const chainHelp = `
CHAIN holds a letter for each layer of a tunnel, in this order:
  ${layerNames.join(', ')}
  o  well    w  needs attention    f  fails    u  not known, or an earlier layer is not well
The first layer that is not well is the fault; docs/tunnel-codes.md explains its code.`;
