/**
 * The fonts ship with the program. Only these subsets: smaller ones would be inlined as `data:` by the bundler, which
 * the Content-Security-Policy refuses.
 */
import '@fontsource-variable/inter/wght.css';
import '@fontsource/jetbrains-mono/latin-400.css';
import '@fontsource/jetbrains-mono/latin-600.css';
import '@fontsource/jetbrains-mono/latin-ext-400.css';
import '@fontsource/jetbrains-mono/latin-ext-600.css';
