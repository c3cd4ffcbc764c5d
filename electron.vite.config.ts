import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { join } from 'node:path';
import { leaveOutNativeParts } from './scripts/nativeParts.ts';
import { keepPageantHelper } from './scripts/pageantHelper.ts';
import { precompress } from './scripts/precompress.ts';
import { recordModules } from './scripts/shipped/recordModules.ts';
import { startLazily } from './scripts/startLazily.ts';
import { writeAscii } from './scripts/writeAscii.ts';

/** A user who starts the program can do nothing about the time of a plugin, most of which is compression. */
const checks = { pluginTimings: false };

/**
 * Builds what can't run from source: the page, the desktop host's main process and preload, and the packed command line.
 *
 * Finding and reading the many files of packages costs more than running them, so they are bundled. Only `dependencies`
 * of package.json stay outside: they bring native parts or threads' files, which are found beside their own files. fflate
 * declares a `require` of its own, which collides with electron-vite's.
 */
export default defineConfig({
  main: {
    // One of ssh2's files is CommonJS that asks where it lies.
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    // Its other form imports a polyfill without a name, which would be left out.
    resolve: {
      alias: { '@peculiar/x509': join(import.meta.dirname, 'node_modules/@peculiar/x509/build/x509.cjs.js') },
    },
    // A command needs few of the schemas: making all of them would be most of its start.
    plugins: [
      leaveOutNativeParts(),
      keepPageantHelper(),
      startLazily(() => true),
      writeAscii(),
      recordModules(),
    ],
    build: {
      outDir: 'out/desktop',
      rollupOptions: {
        checks,
        input: {
          desktop: 'src-main/hosts/desktop/desktop.ts',
          cli: 'src-main/hosts/cli/cli.ts',
          authority: 'src-appliance/authority/main.ts',
          lab: 'src-appliance/lab/main.ts',
          // A thread's file of its own, which the program finds beside its own one.
          answerWorker: 'src-main/driver/answerWorker.ts',
          // The log engine's process and its threads.
          engineProcess: 'src-main/syslog/store/process/engineProcess.ts',
          scanWorker: 'src-main/syslog/store/process/scanWorker.ts',
        },
        // Beside the entries, so that what they share finds the thread's file beside itself, too.
        output: { chunkFileNames: '[name]-[hash].js' },
        // Leaves out schemas that no program uses: making them is a large part of each start.
        treeshake: {
          manualPureFunctions: ['z', 'startLazily'],
          moduleSideEffects: [{ test: /\/src-(?:shared|main|appliance)\/.*\.ts$/u, sideEffects: false }],
        },
      },
    },
  },
  preload: {
    plugins: [recordModules()],
    build: {
      outDir: 'out/preload',
      // A sandboxed preload can require nothing but electron, so everything else goes into its one file.
      externalizeDeps: false,
      rollupOptions: {
        checks,
        input: 'src-main/hosts/desktop/preload.ts',
        output: { format: 'cjs', entryFileNames: 'preload.cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react(), precompress(), recordModules()],
    css: { modules: { generateScopedName: '[hash:base64:5]' } },
    build: {
      outDir: 'out/renderer',
      minify: true,
      // The page's policy refuses fonts and styles from `data:` addresses.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1000,
      rollupOptions: {
        input: 'src-renderer/index.html',
        checks,
        output: {
          // Few files: each costs a response's headers, and small ones compress badly. Pages stay files of their own,
          // and so do libraries and modules that only a page or dialog loaded later needs.
          codeSplitting: {
            groups: [
              {
                name: 'libraries',
                test: /node_modules\/(?!yaml\/|jose\/|qr\/|@codemirror\/|@lezer\/|@marijn\/|style-mod\/|crelt\/|w3c-keyname\/|csv-parse\/|big\.js\/|@noble\/|@mantine\/charts\/|recharts\/|@reduxjs\/|redux\/|redux-thunk\/|react-redux\/|reselect\/|immer\/|victory-vendor\/|d3-[a-z-]+\/|internmap\/|decimal\.js-light\/|es-toolkit\/|eventemitter3\/|tiny-invariant\/|@mantine\/form\/|klona\/|fast-deep-equal\/|re2js\/)/u,
              },
              {
                // Holds nothing that loads code later: the entry would need all of it, before the order of the styles is set.
                name: 'shared',
                test: /src-(?:shared|renderer)\/(?!base\/(?:csvFile|boundedYaml|formatCount|lineDiff|nearest|wildcard|writtenPath)|model\/(?:billing|configuration|connectYaml|fanOut|secrets|trust|usage)\/|model\/appliance\/(?:applianceEntry|keyPath|linkSettings)|model\/tunnels\/customerMessage|model\/tenants\/tenantNote|rpc\/useLatest|model\/syslog\/(?:query|patterns|explain|story|tenantJoin|syslogParse|syslogTag|syslogTime|structuredData)|model\/licence\/(?!licence\.ts)|features\/(?:configuration|connect|fanOut|licences|settings|trust|usage)\/|features\/secrets\/(?!vaultQuery)|features\/syslog\/kept\/timeRange|ui\/layout\/Segments|ui\/(?:editor|chart|diff)\/|features\/tenants\/story\/|features\/tenants\/changes\/(?:PrivateKeyCard|KeySourceFields|KeyedChange|copySecret|useApplianceChoice)|ui\/form\/(?:OpenFileButton|FileField|NumberField|ChoiceField|useFileDrop|useFormState))/u,
                minShareCount: 2,
              },
            ],
          },
        },
      },
    },
  },
});
