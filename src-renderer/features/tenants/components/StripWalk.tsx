import historyStyles from './HistoryCard.module.css';

/** An invisible slider over a strip: arrow keys and the pointer choose one of its parts. */
export function StripWalk({
  label,
  valueText,
  last,
  held,
  onHold,
  indexAt,
}: {
  label: string;
  /** Describes the chosen part, or the last one if none is chosen. */
  valueText: string;
  /** The index of the last part; -1 if there are none. */
  last: number;
  /** The index of the chosen part. */
  held: number | null;
  onHold: (index: number | null) => void;
  /** The part at a share of the width, 0 to 1. */
  indexAt: (share: number) => number;
}) {
  const end = Math.max(0, last);
  return (
    <input
      type="range"
      className={historyStyles.dayWalk}
      aria-label={label}
      aria-valuetext={valueText}
      min={0}
      max={end}
      step={1}
      value={held ?? end}
      onChange={(event) => onHold(event.currentTarget.valueAsNumber)}
      onFocus={() => onHold(held ?? last)}
      onBlur={() => onHold(null)}
      onPointerMove={(event) => {
        const { left, width } = event.currentTarget.getBoundingClientRect();
        onHold(indexAt(width === 0 ? 0 : (event.clientX - left) / width));
      }}
      onPointerLeave={(event) => {
        if (event.currentTarget !== document.activeElement) onHold(null);
      }}
    />
  );
}
