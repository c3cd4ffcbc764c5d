/** On every response of both hosts: no guessed types, no referrer, no other page that reads or holds this one. */
export const isolationHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** On every response of the web host, which shares its browser with other pages. */
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
