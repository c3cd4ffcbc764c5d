import { z } from 'zod';

// Must run before any schema is created, because zod would try `eval`, which the page's policy forbids.
z.config({ jitless: true });
