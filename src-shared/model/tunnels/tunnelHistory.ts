import type { Tunnel } from './chain.ts';
import { tunnelCodes, type TunnelCode } from './tunnelCodes.ts';
import { layerNames } from './tunnelCodes/tunnelCode.ts';

export type Availability = 'up' | 'down' | 'off' | 'unknown';
export type TunnelState = Pick<Tunnel, 'tone' | 'code'>;

/** The state of a tunnel since `atMs`. `dropped`: the tunnel was up until then. */
export type TunnelChange = TunnelState & { atMs: number; reason: string; dropped: boolean };
type Span = { fromMs: number; toMs: number };
export type ToneSpan = Span & { tone: Tunnel['tone']; code: TunnelCode | null };

/** The tenant itself, if its session is up. */
export const sessionUp = { tone: 'ok', code: 'T-3000' } as const satisfies TunnelState;
/** A port that its tenant no longer forwards. That is no fault. */
export const noLongerForwarded = { tone: 'off', code: 'T-4003' } as const satisfies TunnelState;

/** Whether a tunnel carries data. A slow tunnel does. If its appliance can't be reached, this is unknown. */
export function availabilityOf({ tone, code }: TunnelState): Availability {
  const { layer, endsUptime } = tunnelCodes[code];
  if (layer === 'reachable' || tone === 'unknown') return 'unknown';
  if (tone === 'off') return 'off';
  return tone === 'bad' || endsUptime === true ? 'down' : 'up';
}

/** Whether a tunnel in this state has, or had, a session. */
export function provesSession(code: TunnelCode): boolean {
  const { layer, absence, isPortHeld } = tunnelCodes[code];
  const isChecked = layerNames.indexOf(layer) >= layerNames.indexOf('session');
  return isChecked && absence === undefined && isPortHeld !== true;
}

/** Joins overlapping and adjacent spans, clips them to `within`, oldest first. */
function joined(spans: readonly Span[], within: Span): Span[] {
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
 * The states over all of `within`, without gaps. Unwatched time is `unknown`. `changes` are sorted; the oldest may be
 * before `within`.
 */
export function toneSpans(input: {
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
  for (const watch of joined(input.watched, within)) {
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
