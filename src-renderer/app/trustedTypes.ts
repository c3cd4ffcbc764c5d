type PolicyFactory = {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string | null }) => unknown;
};

function hasTrustedTypes(page: object): page is { trustedTypes: PolicyFactory } {
  return 'trustedTypes' in page;
}

/**
 * The content security policy lets no text become markup or script. The component kit writes its variables into a style
 * element as text, which is such a place: style has no use for `<`, and anything else is refused.
 */
export function allowStyleText(page: object): void {
  if (!hasTrustedTypes(page)) return;
  page.trustedTypes.createPolicy('default', {
    createHTML: (text) => (text.includes('<') ? null : text),
  });
}
