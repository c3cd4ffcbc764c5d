import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';

const folder = process.env['SALLYPORT_KIT_FOLDER'] ?? 'out/kit';

/** Programs of the kit: one self-contained file each, for a plain Node of 20 or later, without node_modules. */
const programs = {
  ke: 'src-appliance/sshd/ke.ts',
  keys: 'src-appliance/sshd/authorizedKeys.ts',
  connect: 'src-appliance/connect/main.ts',
};

/** ssh2 tries to load native parts and does without them; a bundle that must run anywhere has none to load. */
function leaveOutNativeParts(): Plugin {
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

function program(name: string, input: string): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      rollupOptions: {
        input: { [name]: input },
        output: { format: 'es', entryFileNames: '[name].mjs', codeSplitting: false },
      },
    },
  };
}

/** The installer looks for the programs beside itself, so the folder is what one carries to an appliance. */
async function placeInstaller(): Promise<void> {
  await copyFile('src-appliance/sshd/install.sh', `${folder}/install.sh`);
}

const present = Object.entries(programs).filter(([, input]) => existsSync(input));

export default defineConfig({
  // One of ssh2's files is CommonJS that asks where it lies.
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  plugins: [leaveOutNativeParts()],
  environments: Object.fromEntries(present.map(([name, input]) => [name, program(name, input)])),
  builder: {
    buildApp: async (builder) => {
      for (const [name] of present) {
        const environment = builder.environments[name];
        if (environment !== undefined) await builder.build(environment);
      }
      await placeInstaller();
    },
  },
});
