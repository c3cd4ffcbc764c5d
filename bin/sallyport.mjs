#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=8
/** `sallyport` on the PATH. */
import { launch } from './launch.mjs';

await launch({ name: 'sallyport', source: 'src-main/hosts/cli/cli.ts', built: 'out/desktop/cli.js' });
