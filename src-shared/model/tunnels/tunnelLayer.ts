import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { faultCauses } from './probe.ts';
import { tunnelCodes, tunnelCodeSchema, type TunnelCode } from './tunnelCodes.ts';
import { layerNames, layerStates, type LayerName } from './tunnelCodes/tunnelCode.ts';

/** Maximum length of `evidence`. Longer texts would slow down the page's table. */
export const evidenceLength = 512;

export const layerSchema = z.object({
  layer: z.enum(layerNames),
  /** `unknown` also if the layer was not tested. */
  state: z.enum(layerStates),
  /**
   * The last known state, while the appliance doesn't answer. `evidence` and `observedAt` are then from that
   * time.
   */
  was: z.enum(layerStates).optional(),
  /** Null only if the layer was not checked because an earlier layer failed. */
  code: tunnelCodeSchema.nullable(),
  /** What was observed, in the appliance's words. */
  evidence: z.string().max(evidenceLength),
  /** Why, if the answer of the service says it. */
  cause: z.enum(faultCauses).optional(),
  observedAt: instantSchema.nullable(),
});
export type Layer = z.infer<typeof layerSchema>;

/** A layer with this code, in the code's default state. */
export function createLayer(code: TunnelCode, evidence: string, observedAt: string | null): Layer {
  const { layer, state } = tunnelCodes[code];
  return { layer, state, code, evidence, observedAt };
}

/** A layer as of the appliance's last answer. Returns a layer that was not checked unchanged. */
export function lastKnownLayer(layer: Layer): Layer {
  if (layer.code === null || layer.state === 'unknown') return { ...layer, code: null };
  const { state, evidence } = layer;
  return { ...layer, state: 'unknown', was: state, code: null, evidence: `was: ${evidence}` };
}

/** A layer that was not checked because an earlier layer, `blocker`, is not ok. */
export function uncheckedLayer(layer: LayerName, blocker: LayerName): Layer {
  return {
    layer,
    state: 'unknown',
    code: null,
    evidence: `not checked, because the ${blocker === 'reachable' ? 'appliance' : `${blocker} layer`} is not OK`,
    observedAt: null,
  };
}
