/** A whole number with commas, the same in every locale: `5,000`. */
export function formatCount(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
}
