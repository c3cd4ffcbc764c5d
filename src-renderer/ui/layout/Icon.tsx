const paths = {
  stack: 'M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.75h1.5M5 11.25h1.5',
  tunnel: 'M1.5 8a2 2 0 1 0 4 0 2 2 0 1 0-4 0M10.5 8a2 2 0 1 0 4 0 2 2 0 1 0-4 0M5.5 8h5',
  lines: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  shield: 'M8 1.75 3 3.5v4.25c0 3 2.1 5.3 5 6.5 2.9-1.2 5-3.5 5-6.5V3.5z',
  file: 'M4 1.75h5L12.5 5v9.25H4zM9 1.75V5h3.5M6 8.5h4.5M6 11h4.5',
  calendar: 'M2.5 3.25h11v10.25h-11zM2.5 6.5h11M5.25 1.75v2.5M10.75 1.75v2.5',
  bars: 'M3 13.5V9M8 13.5V4.5M13 13.5V7',
  sliders:
    'M3 4.5h5m4 0h1M3 11.5h1m4 0h5M8.3 4.5a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 1 0-3.4 0M4.3 11.5a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 1 0-3.4 0',
  gear: 'M5.75 8a2.25 2.25 0 1 0 4.5 0 2.25 2.25 0 1 0-4.5 0M8 1.5v2.25M8 12.25v2.25M1.5 8h2.25M12.25 8h2.25M3.4 3.4 5 5M11 11l1.6 1.6M3.4 12.6 5 11M11 5l1.6-1.6',
  lock: 'M4 7.25h8v6H4zM5.5 7.25V5a2.5 2.5 0 0 1 5 0v2.25',
} as const;
export type IconName = keyof typeof paths;

/** A decorative icon, hidden from screen readers. Always used beside a text. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentcolor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
