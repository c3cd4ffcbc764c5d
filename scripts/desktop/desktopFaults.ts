import { dirname, join } from 'node:path';

/** Why the desktop can't open, and what to do; each one sentence without its full stop. */
export type DesktopFault = { reason: string; remedy: string };

/** Debian's packages of the libraries that Electron needs and that a computer without a desktop lacks. */
const libraryPackages: Readonly<Record<string, string>> = {
  'libasound.so.2': 'libasound2',
  'libatk-1.0.so.0': 'libatk1.0-0',
  'libatk-bridge-2.0.so.0': 'libatk-bridge2.0-0',
  'libatspi.so.0': 'libatspi2.0-0',
  'libcairo.so.2': 'libcairo2',
  'libcups.so.2': 'libcups2',
  'libdbus-1.so.3': 'libdbus-1-3',
  'libdrm.so.2': 'libdrm2',
  'libgbm.so.1': 'libgbm1',
  'libgtk-3.so.0': 'libgtk-3-0',
  'libnspr4.so': 'libnspr4',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libpango-1.0.so.0': 'libpango-1.0-0',
  'libsmime3.so': 'libnss3',
  'libX11.so.6': 'libx11-6',
  'libxcb.so.1': 'libxcb1',
  'libXcomposite.so.1': 'libxcomposite1',
  'libXdamage.so.1': 'libxdamage1',
  'libXext.so.6': 'libxext6',
  'libXfixes.so.3': 'libxfixes3',
  'libxkbcommon.so.0': 'libxkbcommon0',
  'libXrandr.so.2': 'libxrandr2',
};

const displayRemedy = 'start it in a graphical session';

export const noDisplay: DesktopFault = { reason: 'there is no graphical display', remedy: displayRemedy };

/** What Electron, Chromium and the loader print before they end, each with what it means. */
const faultsByLine: readonly {
  line: RegExp;
  fault: (match: RegExpExecArray, executable: string) => DesktopFault;
}[] = [
  {
    line: /error while loading shared libraries: ([^\s:]+)/u,
    fault: ([, library = '']) => {
      const name = libraryPackages[library];
      return {
        reason: `the library ${library} is missing`,
        remedy:
          name === undefined
            ? `install the package that contains ${library}`
            : `install it, on Debian and Ubuntu with: sudo apt-get install ${name}`,
      };
    },
  },
  {
    line: /version [`'](GLIBC\w*_[\d.]+)' not found/u,
    fault: ([, version = '']) => ({
      reason: `this system's C library is older than ${version}`,
      remedy: 'use a newer release of the system',
    }),
  },
  {
    line: /SUID sandbox helper binary|No usable sandbox|Failed to move to new namespace/u,
    fault: (_match, executable) => {
      const helper = join(dirname(executable), 'chrome-sandbox');
      return {
        reason: 'this system forbids the user namespaces that the sandbox needs',
        remedy: `give the sandbox its own right: sudo chown root '${helper}' && sudo chmod 4755 '${helper}'`,
      };
    },
  },
  {
    line: /Running as root without --no-sandbox/u,
    fault: () => rootFault,
  },
  {
    line: /Missing X server|cannot open display|platform failed to initialize|Failed to connect to Wayland/iu,
    fault: () => ({ reason: 'the graphical display does not answer', remedy: displayRemedy }),
  },
];

export const rootFault: DesktopFault = {
  reason: "Electron's sandbox does not run as root",
  remedy: 'start it as a user who is not root',
};

/** The fault that a line of the desktop's stderr names, or null. */
export function findDesktopFault(line: string, executable: string): DesktopFault | null {
  for (const { line: pattern, fault } of faultsByLine) {
    const match = pattern.exec(line);
    if (match !== null) return fault(match, executable);
  }
  return null;
}
