import { randomBytes } from 'node:crypto';

/** What stands in the built index.html wherever a nonce belongs; each response puts its own there. */
export const noncePlaceholder = '__CSP_NONCE__';

export function createNonce(): string {
  return randomBytes(18).toString('base64');
}

/** The one policy of the page, in both hosts: nothing but its own files, no inline code without this response's nonce. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}
