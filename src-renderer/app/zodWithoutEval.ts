import { z } from 'zod';

// Must run before any schema is built: the page's policy forbids `eval`, which zod would try.
z.config({ jitless: true });
