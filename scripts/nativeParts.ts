import type { Plugin } from 'vite';

/** ssh2 tries to load native parts and does without them; a bundle that must run anywhere has none to load. */
export function leaveOutNativeParts(): Plugin {
  return {
    name: 'leave-out-native-parts',
    enforce: 'pre',
    // They were never built where install scripts don't run, so there may be no such file to resolve to.
    resolveId: { filter: { id: /\.node$/ }, handler: (id) => `\0${id}` },
    load: {
      filter: { id: /\.node$/ },
      handler: () => 'module.exports = undefined; throw new Error("built without native parts");',
    },
  };
}
