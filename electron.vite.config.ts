import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { precompress } from './scripts/precompress.ts';

/** Builds what can't run from source: the page, the desktop host's main process and preload, and the packed command line. */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/desktop',
      rollupOptions: {
        input: {
          desktop: 'src-main/hosts/desktop/desktop.ts',
          cli: 'src-main/hosts/cli/cli.ts',
          authority: 'src-appliance/authority/main.ts',
          // A thread's file of its own, which the program finds beside its own one.
          answerWorker: 'src-main/driver/answerWorker.ts',
          // The log engine's process and its threads.
          engineProcess: 'src-main/syslog/store/process/engineProcess.ts',
          scanWorker: 'src-main/syslog/store/process/scanWorker.ts',
        },
        // Beside the entries, so that what they share finds the thread's file beside itself, too.
        output: { chunkFileNames: '[name]-[hash].js' },
      },
      // Packages stay outside the bundle: better-sqlite3 and ssh2 bring native parts that are found beside their own files.
      externalizeDeps: true,
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload can require nothing but electron, so everything else goes into its one file.
      externalizeDeps: false,
      rollupOptions: {
        input: 'src-main/hosts/desktop/preload.ts',
        output: { format: 'cjs', entryFileNames: 'preload.cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react(), precompress()],
    css: { modules: { generateScopedName: '[hash:base64:5]' } },
    build: {
      outDir: 'out/renderer',
      minify: true,
      // The page's policy refuses fonts and styles from `data:` addresses.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1000,
      rollupOptions: {
        input: 'src-renderer/index.html',
        output: {
          // Few files: each costs a response's headers, and small ones compress badly. Pages stay files of their own,
          // and so do libraries and modules that only a page or dialog loaded later needs.
          codeSplitting: {
            groups: [
              {
                name: 'libraries',
                test: /node_modules\/(?!yaml\/|jose\/|qr\/|@codemirror\/|@lezer\/|@marijn\/|style-mod\/|crelt\/|w3c-keyname\/|csv-parse\/|@mantine\/form\/|klona\/|fast-deep-equal\/)/u,
              },
              {
                name: 'shared',
                test: /src-(?:shared|renderer)\/(?!base\/(?:csvFile|boundedYaml)|model\/(?:configuration|connectYaml)\/|model\/licence\/(?!licence\.ts)|features\/(?:configuration|connect|licences|settings)\/|ui\/editor\/|ui\/form\/OpenFileButton)/u,
                minShareCount: 2,
              },
            ],
          },
        },
      },
    },
  },
});
