import type { ReactNode } from 'react';
import { safeTitle } from '../text/safeTitle.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { type ShownTone, type ToneName, useShownTone } from './freshness.tsx';
import feedback from './feedback.module.css';

const toneWords: Record<ShownTone, string> = {
  ok: 'OK',
  warn: 'needs attention',
  bad: 'fault',
  off: 'switched off',
  unknown: 'unknown',
  old: 'out of date',
};

type ToneProps = { tone: ToneName; observedAt: string | null };

/** A status dot. Title and label contain its word, because colour alone is not accessible. */
export function ToneDot({ tone, observedAt, label }: ToneProps & { label?: string }) {
  const shown = useShownTone(tone, observedAt);
  const words = label === undefined ? toneWords[shown] : `${visibleLine(label)}: ${toneWords[shown]}`;
  return (
    <svg className={feedback.dot} data-tone={shown} role="img" aria-label={words}>
      <title>{words}</title>
    </svg>
  );
}

/** Text in the colour of its tone; an old `ok` is marked as old. */
export function ToneWord({ tone, observedAt, children }: ToneProps & { children: ReactNode }) {
  const shown = useShownTone(tone, observedAt);
  return (
    <span className={feedback.word} data-tone={shown} title={shown === 'old' ? toneWords.old : undefined}>
      {shown === 'old' ? 'was ' : ''}
      {children}
    </span>
  );
}

export function ToneChip({
  tone,
  observedAt,
  children,
  title,
  freshForMs,
}: ToneProps & { children: ReactNode; title?: string; freshForMs?: number }) {
  const shown = useShownTone(tone, observedAt, freshForMs);
  return (
    <span
      className={feedback.chip}
      data-tone={shown}
      title={shown === 'old' ? toneWords.old : safeTitle(title)}
    >
      {shown === 'old' ? 'was ' : ''}
      {children}
    </span>
  );
}
