import { bootstrap } from './bootstrap.mjs';

bootstrap('launch.ts');
