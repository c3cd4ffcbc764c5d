/** A file name made from any text: other characters than letters, digits, `_`, `-` and `.` become `_`. Never hidden. */
export function fileNameOf(text: string, extension: string): string {
  return `${text.replaceAll(/[^\w.-]+/gu, '_').replace(/^[.-]+/u, '')}.${extension}`;
}
