import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/**
 * A tunnel's six layers, asked in this order. The first that fails names the fault; those behind it are unknown,
 * never green. `unknown` also stands for a layer that nobody has tested.
 */
export const layerNames = ['reachable', 'key', 'session', 'listener', 'forward', 'service'] as const;
export const layerNameSchema = z.enum(layerNames);
export type LayerName = z.infer<typeof layerNameSchema>;

/** Stable codes, `T-<layer>xxx` **[ours]**; their meaning is in `docs/tunnel-codes.md`. */
export const tunnelCodes = {
  'T-1000': 'appliance reachable',
  'T-1001': 'appliance not reachable',
  'T-1002': 'appliance not asked yet',
  'T-1003': 'answer too old',
  'T-2000': 'key registered',
  'T-2001': 'no key registered',
  'T-2002': 'suspended',
  'T-2003': 'suspended, still connected',
  'T-3000': 'session up',
  'T-3001': 'no session',
  'T-3002': 'session silent',
  'T-3003': 'wrong key offered',
  'T-4000': 'listening',
  'T-4001': 'not listening',
  'T-4002': 'stale listener',
  'T-4003': 'nothing forwarded',
  'T-4004': 'port not allotted',
  'T-4005': 'quota exceeded',
  'T-5000': 'forward opens',
  'T-5001': 'forward refused',
  'T-5002': 'forward silent',
  'T-5998': 'forward can’t be tested',
  'T-5999': 'forward not tested',
  'T-6000': 'answering',
  'T-6001': 'upstream refused',
  'T-6002': 'service silent',
  'T-6010': 'asks for a log-in',
  'T-6101': 'TLS broken',
  'T-6102': 'certificate expired',
  'T-6103': 'certificate expires soon',
  'T-6201': 'wrong protocol',
  'T-6202': 'service fails',
  'T-6203': 'path not found',
  'T-6301': 'slow',
  'T-6401': 'version too old',
  'T-6998': 'service not known',
  'T-6999': 'service not tested',
} as const;
export type TunnelCode = keyof typeof tunnelCodes;
const tunnelCodeNames = Object.keys(tunnelCodes);
export const tunnelCodeSchema = z.custom<TunnelCode>(
  (value) => typeof value === 'string' && tunnelCodeNames.includes(value),
);

/** An appliance may send more; one long text must not cost the page its table. */
export const evidenceLength = 512;

export const layerSchema = z.object({
  layer: layerNameSchema,
  state: z.enum(['ok', 'warn', 'fail', 'unknown']),
  /** Null only where the layer is unknown because an earlier one failed. */
  code: tunnelCodeSchema.nullable(),
  /** What was seen, as the appliance said it. */
  evidence: z.string().max(evidenceLength),
  observedAt: instantSchema.nullable(),
});
export type Layer = z.infer<typeof layerSchema>;
