/** Headers of every response in both hosts: no type guessing, no referrer, no access by other pages. */
export const isolationHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** Headers of every response of the web host, which shares its browser with other pages. */
export const webHeaders = {
  ...isolationHeaders,
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy': [
    'accelerometer=()',
    'bluetooth=()',
    'camera=()',
    'display-capture=()',
    'geolocation=()',
    'gyroscope=()',
    'hid=()',
    'magnetometer=()',
    'microphone=()',
    'midi=()',
    'payment=()',
    'publickey-credentials-get=()',
    'serial=()',
    'usb=()',
    'xr-spatial-tracking=()',
  ].join(', '),
  // The origin of a run is never used again, so a cache would be useless (ADR 10).
  'Cache-Control': 'no-store',
} as const;
