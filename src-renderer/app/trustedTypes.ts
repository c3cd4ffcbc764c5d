type PolicyFactory = {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string | null }) => unknown;
};

function hasTrustedTypes(page: object): page is { trustedTypes: PolicyFactory } {
  return 'trustedTypes' in page;
}

/**
 * The content security policy does not let text become markup or script, which also covers style elements. The
 * component library writes its CSS variables into one as text, so this allows text without `<` there and refuses
 * everything else.
 */
export function allowStyleText(page: object): void {
  if (!hasTrustedTypes(page)) return;
  page.trustedTypes.createPolicy('default', {
    createHTML: (text) => (text.includes('<') ? null : text),
  });
}
