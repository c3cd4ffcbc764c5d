#!/usr/bin/env node
/** `sallyport-authority` on the PATH. */
import { launch } from './launch.mjs';

launch({
  name: 'sallyport-authority',
  source: 'src-appliance/authority/main.ts',
  built: 'out/desktop/authority.js',
});
