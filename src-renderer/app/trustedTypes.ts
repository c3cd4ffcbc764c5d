type PolicyFactory = {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string | null }) => unknown;
};

function hasTrustedTypes(page: object): page is { trustedTypes: PolicyFactory } {
  return 'trustedTypes' in page;
}

/**
 * The content security policy blocks text that becomes markup or script, including style elements. The
 * component library writes its CSS variables into a style element as text, so this allows text without `<`
 * there and rejects everything else.
 */
export function allowStyleText(page: object): void {
  if (!hasTrustedTypes(page)) return;
  page.trustedTypes.createPolicy('default', {
    createHTML: (text) => (text.includes('<') ? null : text),
  });
}
