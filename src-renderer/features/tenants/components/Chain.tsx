import { memo } from 'react';
import type { Layer } from '../../../../src-shared/model/tunnels/tunnelLayer.ts';
import {
  layerNames,
  layerTitles,
  type LayerName,
} from '../../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { type ShownTone, useIsOld } from '../../../ui/feedback/freshness.tsx';
import styles from './Chain.module.css';

type State = Layer['state'];
/** The state of a layer. `isLast`: the last known state, not the present one. */
type Seen = { state: State; isLast: boolean };
type DotTone = ShownTone | 'hollow';

const toneOfState: Record<State, DotTone> = { ok: 'ok', warn: 'warn', fail: 'bad', unknown: 'hollow' };
const stateWords: Record<State, string> = {
  ok: 'OK',
  warn: 'needs attention',
  fail: 'fault',
  unknown: 'unknown',
};

/**
 * The colour and the description of a layer. A state that is not recent is a hollow amber dot, never green.
 */
function describeSeen({ state, isLast }: Seen, isOld: boolean): { tone: DotTone; words: string } {
  if (isLast) return { tone: 'old', words: `was ${stateWords[state]}` };
  if (isOld && state === 'ok') return { tone: 'old', words: 'last known: OK' };
  return { tone: toneOfState[state], words: stateWords[state] };
}

/** A cross marks a fault and a stroke a warning, so that colour is not the only sign. */
const marks: Partial<Record<State, string>> = { fail: 'm-2 -2l4 4m0 -4l-4 4', warn: 'm0 -2.5v3m0 1.5v.5' };

function Dot({ seen, tone, x, layer }: { seen: Seen; tone: DotTone; x: number; layer: LayerName }) {
  const mark = marks[seen.state];
  return (
    <>
      <circle className={styles.chainDot} data-tone={tone} data-layer={layer} cx={x} cy={6} r={5} />
      {mark === undefined ? null : (
        <path
          className={styles.chainMark}
          data-last={seen.isLast}
          data-state={seen.state}
          d={`M${x} 6${mark}`}
        />
      )}
    </>
  );
}

/** The dot of a layer. `freshForMs`: how long its state counts as recent. */
export function LayerDot({
  layer,
  observedAt,
  freshForMs,
}: {
  layer: Layer;
  observedAt: string | null;
  freshForMs?: number;
}) {
  const old = useIsOld(layer.observedAt ?? observedAt, freshForMs);
  const seen = { state: layer.was ?? layer.state, isLast: layer.was !== undefined };
  const { tone, words } = describeSeen(seen, old);
  const label = `${layerTitles[layer.layer]}: ${words}`;
  return (
    <svg className={styles.chain} width={12} height={12} role="img" aria-label={label}>
      <title>{label}</title>
      <Dot seen={seen} tone={tone} x={6} layer={layer.layer} />
    </svg>
  );
}

const stateOf: Record<string, State> = { o: 'ok', w: 'warn', f: 'fail', u: 'unknown' };

function seenOf(letter: string): Seen {
  const small = letter.toLowerCase();
  return { state: stateOf[small] ?? 'unknown', isLast: small !== letter };
}

const step = 18;

/** The six layers of a tunnel as connected dots. The first that is not OK is the diagnosis. */
export const Chain = memo(function Chain({
  chain,
  observedAt,
  word,
}: {
  /** In the format of `formatChainLetters`. */
  chain: string;
  observedAt: string | null;
  word: string;
}) {
  const old = useIsOld(observedAt);
  const dots = layerNames.map((name, index) => {
    const seen = seenOf(chain[index] ?? 'u');
    return { name, seen, ...describeSeen(seen, old) };
  });
  const words = dots.map((dot) => `${layerTitles[dot.name]}: ${dot.words}`);
  const width = (dots.length - 1) * step + 12;
  return (
    <svg
      className={styles.chain}
      width={width}
      height={12}
      role="img"
      aria-label={`chain: ${word}. ${words.join('; ')}`}
      data-testid="chain"
    >
      <title>{words.join('\n')}</title>
      <line className={styles.chainLine} x1={6} x2={width - 6} y1={6} y2={6} />
      {dots.map(({ name, seen, tone }, index) => (
        <Dot key={name} layer={name} seen={seen} tone={tone} x={6 + index * step} />
      ))}
    </svg>
  );
});
