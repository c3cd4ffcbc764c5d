import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** Builds what can't run from source: the page, and the desktop host's main process and preload. */
export default defineConfig({
  main: { build: { outDir: 'out/desktop', rollupOptions: { input: 'src-main/desktop.ts' } } },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: 'src-main/preload.ts',
        output: { format: 'cjs', entryFileNames: 'preload.cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react()],
    build: { outDir: 'out/renderer', rollupOptions: { input: 'src-renderer/index.html' } },
  },
});
