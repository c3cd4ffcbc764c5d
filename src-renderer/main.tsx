import './app/zodWithoutEval.ts';
// First of the page's own styles: it says which layer comes before which.
import './ui/theme.css';
import './ui/fonts.css';

// Only once zod is set up: code that is split runs its own imports, with the schemas in them, before this file's.
void import('./app/start.tsx');
