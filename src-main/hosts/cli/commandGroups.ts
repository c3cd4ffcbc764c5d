import type { Command } from 'commander';
import type { CommandContext } from './commandContext.ts';

type AddCommands = (program: Command, context: CommandContext) => void;

/**
 * The commands by their first words, in the order of the help. A command line loads only the groups of its first word.
 *
 * To add commands: declare them in a file of their own, `addXCommands(program, context)`, and add a line here with the
 * first word of each. A word may have several groups. An action imports its own module (`./commands/x.ts`) when it runs,
 * and no declaration may import services.
 */
const groups: readonly { words: readonly string[]; load: () => Promise<AddCommands> }[] = [
  { words: ['lab', 'web'], load: async () => (await import('./hostCommands.ts')).addHostCommands },
  {
    words: ['appliance', 'status', 'doctor'],
    load: async () => (await import('./applianceCommands.ts')).addApplianceCommands,
  },
  {
    words: ['vault', 'credential'],
    load: async () => (await import('./secretCommands.ts')).addSecretCommands,
  },
  { words: ['tenant'], load: async () => (await import('./tenantCommands.ts')).addTenantCommands },
  { words: ['tenant'], load: async () => (await import('./connectCommands.ts')).addHandOverCommand },
  {
    words: ['port', 'diagnose', 'probe'],
    load: async () => (await import('./tunnelCommands.ts')).addTunnelCommands,
  },
  { words: ['licence'], load: async () => (await import('./licenceCommands.ts')).addLicenceCommands },
  { words: ['usage'], load: async () => (await import('./usageCommands.ts')).addUsageCommands },
  {
    words: ['config'],
    load: async () => (await import('./configurationCommands.ts')).addConfigurationCommands,
  },
  { words: ['run'], load: async () => (await import('./runCommands.ts')).addRunCommands },
  {
    words: ['notification'],
    load: async () => (await import('./recordCommands.ts')).addNotificationCommands,
  },
  { words: ['syslog'], load: async () => (await import('./syslogCommands.ts')).addSyslogCommands },
  { words: ['audit'], load: async () => (await import('./recordCommands.ts')).addAuditCommands },
  { words: ['support'], load: async () => (await import('./supportCommands.ts')).addSupportCommands },
  { words: ['connect'], load: async () => (await import('./connectCommands.ts')).addConnectCommands },
  { words: ['trust', 'notices'], load: async () => (await import('./trustCommands.ts')).addTrustCommands },
  { words: ['policy'], load: async () => (await import('./policyCommands.ts')).addPolicyCommands },
  { words: ['update'], load: async () => (await import('./updateCommands.ts')).addUpdateCommands },
  { words: ['watch'], load: async () => (await import('./watchServiceCommands.ts')).addWatchServiceCommands },
  {
    words: ['completion'],
    load: async () => (await import('./completionCommands.ts')).addCompletionCommand,
  },
];

/** The first words of all groups. */
export const commandWords: readonly string[] = [...new Set(groups.flatMap(({ words }) => words))];

/** The options of the program that take a value. */
const valued: ReadonlySet<string> = new Set(['--data', '--passphrase-fd']);

/** The word that names the command, also after `help`, or null. */
function findCommandWord(argv: readonly string[]): string | null {
  const words = argv.filter((word, at) => !word.startsWith('-') && !valued.has(argv[at - 1] ?? ''));
  return (words[0] === 'help' ? words[1] : words[0]) ?? null;
}

/** Adds the commands that `argv` may name: those of its first word, or all for help and for an unknown word. */
export async function addCommands(
  program: Command,
  context: CommandContext,
  argv: readonly string[],
): Promise<void> {
  const word = findCommandWord(argv);
  const isKnown = word !== null && commandWords.includes(word);
  const wanted = isKnown ? groups.filter(({ words }) => words.includes(word)) : groups;
  for (const add of await Promise.all(wanted.map(({ load }) => load()))) add(program, context);
}
