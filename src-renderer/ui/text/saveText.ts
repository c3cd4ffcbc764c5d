function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Offers text as a file to save. Nothing of it stays in the page: its address is withdrawn at once. */
export function saveText({ name, type, text }: { name: string; type: string; text: string }): void {
  save(name, new Blob([text], { type }));
}

/** The same for a file that is no text. */
export function saveBytes({ name, type, base64 }: { name: string; type: string; base64: string }): void {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  save(name, new Blob([bytes], { type }));
}
