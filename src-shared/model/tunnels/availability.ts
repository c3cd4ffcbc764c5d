import {
  availabilityOf,
  computeToneSpans,
  type Availability,
  type ToneSpan,
  type TunnelChange,
} from './tunnelHistory.ts';
import type { TunnelCode } from './tunnelCodes.ts';

type Span = { fromMs: number; toMs: number };

/**
 * `endMs` is null if the end was not seen, because the period ended or the console stopped watching the
 * tunnel. `seenUntilMs`: until when the tunnel was seen down.
 */
export type Outage = {
  startMs: number;
  endMs: number | null;
  seenUntilMs: number;
  code: TunnelCode;
  reason: string;
};

/** The recorded history of a tunnel on one appliance. */
export type MemberHistory = {
  /** Oldest first. The last change before the period gives the state at the period's start. */
  changes: readonly TunnelChange[];
  watched: readonly Span[];
};
type MemberSpan = ToneSpan & { member: MemberHistory | undefined };

/** Order of what cluster members say about the same time. The largest number wins. */
const precedence = { up: 3, down: 2, off: 1, unknown: 0 } as const satisfies Record<Availability, number>;

/**
 * The states of a tunnel that several cluster members recorded: it is up while it is up on any of them. If
 * members agree, the first of them counts.
 */
export function mergeMembers(members: readonly MemberHistory[], within: Span): MemberSpan[] {
  const lists = members.map((member) =>
    computeToneSpans({ ...member, within }).map((span) => ({ ...span, member })),
  );
  const [first] = lists;
  if (first === undefined) return [{ ...within, tone: 'unknown', code: null, member: undefined }];
  if (lists.length === 1) return first;
  const bounds = [...new Set(lists.flat().map(({ fromMs }) => fromMs))].sort((a, b) => a - b);
  const at = lists.map(() => 0);
  return bounds.flatMap((fromMs, index) => {
    const spans = lists.flatMap((list, which) => {
      while ((list[at[which] ?? 0]?.toMs ?? Infinity) <= fromMs) at[which] = (at[which] ?? 0) + 1;
      return list[at[which] ?? 0] ?? [];
    });
    const [best] = spans.sort(
      (a, b) => precedence[availabilityOfSpan(b)] - precedence[availabilityOfSpan(a)],
    );
    return best === undefined ? [] : { ...best, fromMs, toMs: bounds[index + 1] ?? within.toMs };
  });
}

/**
 * Availability of a tunnel within a period, from the result of `mergeMembers`. Ignores times when its state
 * was unknown, or it was suspended or not forwarded. An outage that continues after an unwatched time counts
 * as two.
 */
export function computeAvailability(merged: readonly MemberSpan[]) {
  const spans = merged.map((span) => ({ ...span, availability: availabilityOfSpan(span) }));
  const sum = (wanted: readonly string[]) =>
    spans.reduce(
      (total, { availability, fromMs, toMs }) => total + (wanted.includes(availability) ? toMs - fromMs : 0),
      0,
    );
  const outages: Outage[] = [];
  for (const [index, span] of spans.entries()) {
    const { fromMs, toMs, code, member } = span;
    if (span.availability !== 'down' || code === null) continue;
    const next = spans[index + 1]?.availability ?? 'unknown';
    const endMs = next === 'up' || next === 'off' ? toMs : null;
    const last = outages.at(-1);
    if (last !== undefined && spans[index - 1]?.availability === 'down')
      Object.assign(last, { endMs, seenUntilMs: toMs });
    else {
      const reason = reasonAt(member?.changes ?? [], fromMs);
      outages.push({ startMs: fromMs, endMs, seenUntilMs: toMs, code, reason });
    }
  }
  return { watchedMs: sum(['up', 'down']), upMs: sum(['up']), outages };
}

export function availabilityOfSpan({ tone, code }: ToneSpan): Availability {
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
    coarse.push({ ...worst, fromMs: at, toMs: end });
  }
  return joinEqual(coarse);
}

/**
 * Joins the spans of the same state in each cell, in the order in which the states began. This bounds the
 * number of spans but keeps the duration of each state. The cells start at multiples of `cellMs`.
 */
export function joinInCells(spans: readonly ToneSpan[], cellMs: number): ToneSpan[] {
  const pieces = spans.flatMap((span) => splitAtCells(span, cellMs));
  const cells = Map.groupBy(pieces, ({ fromMs }) => Math.floor(fromMs / cellMs));
  return joinEqual(
    [...cells.values()].flatMap((inside) => {
      let at = inside[0]?.fromMs ?? 0;
      return [...Map.groupBy(inside, ({ tone, code }) => `${tone} ${code}`).values()].flatMap((same) => {
        const [first] = same;
        if (first === undefined) return [];
        const fromMs = at;
        at += same.reduce((sum, piece) => sum + piece.toMs - piece.fromMs, 0);
        return { ...first, fromMs, toMs: at };
      });
    }),
  );
}

function splitAtCells(span: ToneSpan, cellMs: number): ToneSpan[] {
  const pieces: ToneSpan[] = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs;) {
    const toMs = Math.min(span.toMs, (Math.floor(fromMs / cellMs) + 1) * cellMs);
    pieces.push({ ...span, fromMs, toMs });
    fromMs = toMs;
  }
  return pieces;
}

/** Joins neighbouring spans of the same state. */
export function joinEqual(spans: readonly ToneSpan[]): ToneSpan[] {
  const joined: ToneSpan[] = [];
  for (const { fromMs, toMs, tone, code } of spans) {
    const last = joined.at(-1);
    if (last !== undefined && last.tone === tone && last.code === code) last.toMs = toMs;
    else joined.push({ fromMs, toMs, tone, code });
  }
  return joined;
}
