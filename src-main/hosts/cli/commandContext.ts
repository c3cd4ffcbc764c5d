import type { Globals } from './withConsole.ts';

/** Gives each command the global options and collects its exit code. */
export type CommandContext = {
  globals: () => Globals;
  /**
   * Waits for the command's exit code. Commands import their modules only when they run, so that every
   * command starts quickly.
   */
  finish: (running: Promise<number>) => Promise<void>;
};
