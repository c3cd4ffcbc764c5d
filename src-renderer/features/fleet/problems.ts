import { tunnelCodes, tunnelCodeSchema } from '../../../src-shared/model/tunnels/tunnelCodes.ts';
import type { Problem } from '../../../src-shared/model/tunnels/health.ts';

/** Combines several tunnels of one tenant with the same code into one problem. */
export function groupProblems(problems: readonly Problem[]): Problem[] {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const isTunnel = problem.clientId !== null && problem.port !== null;
    const key = isTunnel ? `${problem.code} ${problem.clientId}` : `${problem.code} ${problem.text}`;
    groups.set(key, [...(groups.get(key) ?? []), problem]);
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const code = tunnelCodeSchema.safeParse(first.code);
    if (members.length === 1 || !code.success) return [first];
    const ports = members.flatMap(({ port }) => (port === null ? [] : [port]));
    const span = `${Math.min(...ports)}–${Math.max(...ports)}`;
    return [
      {
        ...first,
        text: `${first.clientId}: ${members.length} tunnels, ${tunnelCodes[code.data].word} (${span})`,
      },
    ];
  });
}
