import { Option, type Command } from 'commander';
import { collectValues } from './options.ts';

/** Adds the options that choose appliances besides those that are named. */
export const addChoiceOptions = (command: Command): Command =>
  command
    .option('--all', 'all appliances', false)
    .addOption(
      new Option('--group <name>', 'appliances of this group; repeat the option for several')
        .argParser(collectValues)
        .default([]),
    )
    .addOption(
      new Option('--tag <word>', 'appliances with this tag; repeat the option for several')
        .argParser(collectValues)
        .default([]),
    );
