import { InvalidArgumentError } from 'commander';

/** Parses a whole number. Commander adds the name of the option to the error. */
export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/u.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Enter a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** Parses a number that may have decimals. */
export function numberBetween(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+(?:\.\d+)?$/u.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Enter a number from ${min} to ${max}.`);
    return value;
  };
}

/** Collects the values of an option that may be repeated. */
export const collectValues = (value: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];
