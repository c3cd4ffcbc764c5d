import type { Tunnel } from './chain.ts';
import { tunnelCodes, type TunnelCode } from './tunnelCodes.ts';
import { layerNames } from './tunnelCodes/tunnelCode.ts';

export type Availability = 'up' | 'down' | 'off' | 'unknown';
export type TunnelState = Pick<Tunnel, 'tone' | 'code'>;

/** The state of a tunnel from `atMs` on. `dropped`: the tunnel was up until `atMs`. */
export type TunnelChange = TunnelState & { atMs: number; reason: string; dropped: boolean };
type Span = { fromMs: number; toMs: number };
export type ToneSpan = Span & { tone: Tunnel['tone']; code: TunnelCode | null };

/** The state of a tenant whose session is up. */
export const sessionUp = { tone: 'ok', code: 'T-3000' } as const satisfies TunnelState;
/** The state of a port that its tenant no longer forwards, which is no fault. */
export const noLongerForwarded = { tone: 'off', code: 'T-4003' } as const satisfies TunnelState;

/** Whether a tunnel carries data. A slow tunnel counts as up. Unknown if its appliance doesn't answer. */
export function availabilityOf({ tone, code }: TunnelState): Availability {
  const { layer, countsAsOutage } = tunnelCodes[code];
  if (layer === 'reachable' || tone === 'unknown') return 'unknown';
  if (tone === 'off') return 'off';
  return tone === 'bad' || countsAsOutage === true ? 'down' : 'up';
}

/** Whether this state proves that the tenant has or had a session. */
export function provesSession(code: TunnelCode): boolean {
  const { layer, absence, isPortHeld } = tunnelCodes[code];
  const isChecked = layerNames.indexOf(layer) >= layerNames.indexOf('session');
  return isChecked && absence === undefined && isPortHeld !== true;
}

/** Clips spans to `within`, sorts them, and joins those that overlap or are adjacent. */
function joinSpans(spans: readonly Span[], within: Span): Span[] {
  const clipped = spans
    .map((span) => ({
      fromMs: Math.max(span.fromMs, within.fromMs),
      toMs: Math.min(span.toMs, within.toMs),
    }))
    .filter((span) => span.fromMs < span.toMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const result: Span[] = [];
  for (const span of clipped) {
    const last = result.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else result.push(span);
  }
  return result;
}

/**
 * The states during the whole of `within`, without gaps. Times that were not watched are `unknown`. `changes`
 * must be sorted; the first may be before `within`.
 */
export function computeToneSpans(input: {
  changes: readonly TunnelChange[];
  watched: readonly Span[];
  within: Span;
}): ToneSpan[] {
  const { changes, within } = input;
  const spans: ToneSpan[] = [];
  const add = (span: ToneSpan) => {
    if (span.fromMs >= span.toMs) return;
    const last = spans.at(-1);
    if (last !== undefined && last.tone === span.tone && last.code === span.code) last.toMs = span.toMs;
    else spans.push(span);
  };
  const unknown = (fromMs: number, toMs: number) => add({ fromMs, toMs, tone: 'unknown', code: null });
  let next = 0;
  let held: TunnelChange | null = null;
  let reached = within.fromMs;
  for (const watch of joinSpans(input.watched, within)) {
    unknown(reached, watch.fromMs);
    let at = watch.fromMs;
    while (at < watch.toMs) {
      for (let change = changes[next]; change !== undefined && change.atMs <= at; change = changes[next]) {
        held = change;
        next += 1;
      }
      const until = Math.min(changes[next]?.atMs ?? watch.toMs, watch.toMs);
      if (held === null) unknown(at, until);
      else add({ fromMs: at, toMs: until, tone: held.tone, code: held.code });
      at = until;
    }
    reached = watch.toMs;
  }
  unknown(reached, within.toMs);
  return spans;
}
