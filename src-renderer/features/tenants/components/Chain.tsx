import { memo } from 'react';
import type { Layer } from '../../../../src-shared/model/tunnels/tunnelLayer.ts';
import { layerNames, type LayerName } from '../../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { type ShownTone, useIsOld } from '../../../ui/feedback/freshness.tsx';
import styles from './Chain.module.css';

export const layerTitles: Record<LayerName, string> = {
  reachable: 'Appliance reachable',
  key: 'Key registered',
  session: 'Session',
  listener: 'Listener',
  forward: 'Forward',
  service: 'Service',
};

type DotTone = ShownTone | 'hollow';

function toneOf(state: Layer['state'], old: boolean): DotTone {
  switch (state) {
    case 'ok':
      return old ? 'old' : 'ok';
    case 'warn':
      return 'warn';
    case 'fail':
      return 'bad';
    case 'unknown':
      return 'hollow';
  }
}

const stateWords: Record<DotTone, string> = {
  ok: 'OK',
  old: 'was OK, out of date',
  warn: 'needs attention',
  bad: 'fault',
  off: 'off',
  unknown: 'unknown',
  hollow: 'not known',
};

/** One layer's dot. `freshForMs`: how long what was seen may be believed. */
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
  const tone = toneOf(layer.state, old);
  const words = `${layerTitles[layer.layer]}: ${stateWords[tone]}`;
  return (
    <svg className={styles.chain} width={12} height={12} role="img" aria-label={words}>
      <title>{words}</title>
      <circle className={styles.chainDot} data-tone={tone} cx={6} cy={6} r={5} />
    </svg>
  );
}

const stateOf: Record<string, Layer['state']> = { o: 'ok', w: 'warn', f: 'fail', u: 'unknown' };

const step = 18;

/** A tunnel's six layers, joined. The first that is not OK is the diagnosis. */
export const Chain = memo(function Chain({
  chain,
  observedAt,
  word,
}: {
  /** Six letters, one a layer: `o` ok, `w` warn, `f` fail, `u` unknown. */
  chain: string;
  observedAt: string | null;
  word: string;
}) {
  const old = useIsOld(observedAt);
  const dots = layerNames.map((name, index) => ({
    name,
    tone: toneOf(stateOf[chain[index] ?? 'u'] ?? 'unknown', old),
  }));
  const words = dots.map(({ name, tone }) => `${layerTitles[name]}: ${stateWords[tone]}`);
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
      {dots.map(({ name, tone }, index) => (
        <circle
          key={name}
          className={styles.chainDot}
          data-tone={tone}
          data-layer={name}
          cx={6 + index * step}
          cy={6}
          r={5}
        />
      ))}
    </svg>
  );
});
