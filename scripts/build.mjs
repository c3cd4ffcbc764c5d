import { bootstrap } from './bootstrap.mjs';

bootstrap('buildStale.ts');
