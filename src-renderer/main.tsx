import './app/zodWithoutEval.ts';
// Must be the first of the page's own styles, because it defines the order of the layers.
import './ui/theme.css';
import './ui/fonts.css';

// Imported after zod is set up: a split chunk runs its own imports, including schemas, before the code of this file.
void import('./app/start.tsx');
