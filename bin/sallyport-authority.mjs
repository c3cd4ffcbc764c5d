#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=8
/** `sallyport-authority` on the PATH. */
import { launch } from './launch.mjs';

await launch({
  name: 'sallyport-authority',
  source: 'src-appliance/authority/main.ts',
  built: 'out/desktop/authority.js',
});
