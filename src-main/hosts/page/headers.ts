/**
 * Headers of every response in both hosts. The browser guesses no types, sends no referrer, and gives other
 * pages no access.
 */
export const isolationHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

const cameraDenied = 'camera=()';

/** More headers of every response of the web host, because other pages run in the same browser. */
export const webHeaders = {
  ...isolationHeaders,
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy': [
    'accelerometer=()',
    'bluetooth=()',
    cameraDenied,
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
  // A browser cache would never be used again, because each run of the console has its own host name (ADR
  // 10).
  'Cache-Control': 'no-store',
} as const;

/** The headers of a document that may use the camera, see `cameraParameter`. Everything else stays denied. */
export const cameraHeaders = {
  ...webHeaders,
  'Permissions-Policy': webHeaders['Permissions-Policy'].replace(cameraDenied, 'camera=(self)'),
} as const;
