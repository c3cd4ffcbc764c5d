import type { Layer, LayerName } from '../../../../src-shared/model/chain.ts';
import { type ShownTone, useIsOld } from '../../../ui/freshness.tsx';

export const layerTitles: Record<LayerName, string> = {
  reachable: 'Appliance reachable',
  key: 'Key registered',
  session: 'Session',
  listener: 'Listener',
  forward: 'Forward',
  service: 'Service',
};

type DotTone = ShownTone | 'hollow';

function toneOf(layer: Layer, old: boolean): DotTone {
  switch (layer.state) {
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
  ok: 'well',
  old: 'was well, seen too long ago',
  warn: 'not quite well',
  bad: 'fails',
  off: 'off',
  unknown: 'unknown',
  hollow: 'not known',
};

/** One layer's dot. */
export function LayerDot({ layer, observedAt }: { layer: Layer; observedAt: string | null }) {
  const old = useIsOld(layer.observedAt ?? observedAt);
  const tone = toneOf(layer, old);
  const words = `${layerTitles[layer.layer]}: ${stateWords[tone]}`;
  return (
    <svg className="chain" width={12} height={12} role="img" aria-label={words}>
      <title>{words}</title>
      <circle className="chain-dot" data-tone={tone} cx={6} cy={6} r={5} />
    </svg>
  );
}

const step = 20;

/** A tunnel's six layers, joined. The first that is not well is the diagnosis. */
export function Chain({
  layers,
  observedAt,
  word,
}: {
  layers: readonly Layer[];
  observedAt: string | null;
  word: string;
}) {
  const old = useIsOld(observedAt);
  const dots = layers.map((layer) => ({ name: layer.layer, tone: toneOf(layer, old) }));
  const title = dots.map(({ name, tone }) => `${layerTitles[name]}: ${stateWords[tone]}`).join('\n');
  const width = (layers.length - 1) * step + 12;
  return (
    <svg
      className="chain"
      width={width}
      height={12}
      role="img"
      aria-label={`chain: ${word}`}
      data-testid="chain"
    >
      <title>{title}</title>
      <line className="chain-line" x1={6} x2={width - 6} y1={6} y2={6} />
      {dots.map(({ name, tone }, index) => (
        <circle
          key={name}
          className="chain-dot"
          data-tone={tone}
          data-layer={name}
          cx={6 + index * step}
          cy={6}
          r={5}
        />
      ))}
    </svg>
  );
}
