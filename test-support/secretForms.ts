/** The secret as it is, and as base64 at each alignment, hex and URL-encoded. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const aligned = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift, 'x'), bytes]).toString('base64');
    // The characters at both ends also depend on what stands beside the secret.
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  const url = aligned.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = bytes.toString('hex');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...aligned,
    ...url,
    hex,
    hex.toUpperCase(),
    encodeURIComponent(secret),
  ];
}

/** Those of the forms that a text contains. */
export const findForms = (text: string, forms: readonly string[]): string[] =>
  forms.filter((form) => text.includes(form));
