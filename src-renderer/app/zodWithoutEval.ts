import { z } from 'zod';

// Must run before any schema is built: the page's policy forbids `eval`, and zod would try it.
z.config({ jitless: true });
