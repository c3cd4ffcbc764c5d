#!/usr/bin/env node
/** `sallyport` on the PATH. */
import { launch } from './launch.mjs';

launch({ name: 'sallyport', source: 'src-main/hosts/cli/cli.ts', built: 'out/desktop/cli.js' });
