import { lookAlikeSentence } from '../base/lookAlikes.ts';
import { InvalidArgumentError } from 'commander';

/** Returns a parser for whole numbers. Commander adds the option's name to its error. */
export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/u.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Enter a whole number from ${min} to ${max}.${lookAlikeSentence(text)}`);
    return value;
  };
}

/** Returns a parser for numbers with decimals. */
export function numberBetween(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+(?:\.\d+)?$/u.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Enter a number from ${min} to ${max}.${lookAlikeSentence(text)}`);
    return value;
  };
}

/** Appends the value to those of earlier uses of the same option. */
export const collectValues = (value: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];
