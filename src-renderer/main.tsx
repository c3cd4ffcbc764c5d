import './app/zodWithoutEval.ts';

// Only once zod is set up: code that is split runs its own imports, with the schemas in them, before this file's.
void import('./app/start.tsx');
