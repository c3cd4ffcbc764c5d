/**
 * The content security policy lets no text become markup or script. The component kit writes its variables into a style
 * element as text, which is such a place; style has no use for `<`, and anything else is refused.
 */
interface TrustedTypes {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string | null }) => unknown;
}
declare global {
  interface Window {
    trustedTypes?: TrustedTypes;
  }
}

window.trustedTypes?.createPolicy('default', {
  createHTML: (text) => (text.includes('<') ? null : text),
});

export {};
