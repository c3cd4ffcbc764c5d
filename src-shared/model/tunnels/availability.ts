import { availabilityOf, computeToneSpans, type ToneSpan, type TunnelChange } from './tunnelHistory.ts';
import type { TunnelCode } from './tunnelCodes.ts';

type Span = { fromMs: number; toMs: number };

/**
 * `endMs` is null if the end was not seen, because the period ended or the console stopped watching the
 * tunnel.
 */
export type Outage = { startMs: number; endMs: number | null; code: TunnelCode; reason: string };

/**
 * Availability of a tunnel within a period. Ignores times when its state was unknown, or it was suspended or
 * not forwarded. An outage that continues after an unwatched time counts as two.
 */
export function computeAvailability(input: {
  /** Oldest first. The last change before the period gives the state at the period's start. */
  changes: readonly TunnelChange[];
  watched: readonly Span[];
  within: Span;
}) {
  const spans = computeToneSpans(input).map((span) => ({ ...span, availability: availabilityOfSpan(span) }));
  const sum = (wanted: readonly string[]) =>
    spans.reduce(
      (total, { availability, fromMs, toMs }) => total + (wanted.includes(availability) ? toMs - fromMs : 0),
      0,
    );
  const outages: Outage[] = [];
  for (const [index, span] of spans.entries()) {
    const { fromMs, toMs, code } = span;
    if (span.availability !== 'down' || code === null) continue;
    const next = spans[index + 1]?.availability ?? 'unknown';
    const endMs = next === 'up' || next === 'off' ? toMs : null;
    const last = outages.at(-1);
    if (last !== undefined && spans[index - 1]?.availability === 'down') last.endMs = endMs;
    else outages.push({ startMs: fromMs, endMs, code, reason: reasonAt(input.changes, fromMs) });
  }
  return { watchedMs: sum(['up', 'down']), upMs: sum(['up']), outages };
}

function availabilityOfSpan({ tone, code }: ToneSpan) {
  return code === null ? 'unknown' : availabilityOf({ tone, code });
}

function reasonAt(changes: readonly TunnelChange[], atMs: number): string {
  return changes.findLast((change) => change.atMs <= atMs)?.reason ?? '';
}

/** Order of the states. The largest number in a cell of a strip decides its colour. */
const severity = { bad: 4, warn: 3, ok: 2, off: 1, unknown: 0 } as const satisfies Record<
  ToneSpan['tone'],
  number
>;

/**
 * Merges spans into cells of `cellMs`, because a long period has more changes than a strip has pixels. Each
 * cell shows the worst state in it.
 */
export function mergeIntoCells(spans: readonly ToneSpan[], cellMs: number): ToneSpan[] {
  const coarse: ToneSpan[] = [];
  const fromMs = spans[0]?.fromMs ?? 0;
  const toMs = spans.at(-1)?.toMs ?? 0;
  let first = 0;
  for (let at = fromMs; at < toMs; at += cellMs) {
    const end = Math.min(at + cellMs, toMs);
    while ((spans[first]?.toMs ?? Infinity) <= at) first += 1;
    let worst = spans[first];
    for (let index = first + 1; (spans[index]?.fromMs ?? Infinity) < end; index += 1) {
      const span = spans[index];
      if (span !== undefined && worst !== undefined && severity[span.tone] > severity[worst.tone])
        worst = span;
    }
    if (worst === undefined) continue;
    const last = coarse.at(-1);
    if (last !== undefined && last.tone === worst.tone && last.code === worst.code) last.toMs = end;
    else coarse.push({ ...worst, fromMs: at, toMs: end });
  }
  return coarse;
}
