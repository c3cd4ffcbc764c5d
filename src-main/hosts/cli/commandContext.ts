import type { Globals } from './withConsole.ts';

/** What the declarations of commands need: the global options, and where a command's exit code goes. */
export type CommandContext = {
  globals: () => Globals;
  /** What a command needs is loaded when it runs, so that the others start quickly. */
  finish: (running: Promise<number>) => Promise<void>;
};

/** Collects the values of an option that may be repeated. */
export const collectValues = (value: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];
