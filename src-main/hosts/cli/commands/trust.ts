import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import { nameAlgorithms, postQuantumTexts } from '../../../../src-shared/model/trust/linkSecurity.ts';
import { connectionSources, outboundKinds, type Trust } from '../../../../src-shared/model/trust/trust.ts';
import { toneColours } from '../../../../src-shared/model/tunnels/tone.ts';
import { formatTable, type Paint } from '../output.ts';
import { pollAppliances, withConsole, type Globals } from '../withConsole.ts';

type Section = { title: string; lines: readonly string[] };

function keySection({ appliances }: Trust): Section {
  const rows = appliances.flatMap(({ hops, name }) =>
    hops.map(({ hop, isJumpHost, key }) => [
      name,
      isJumpHost ? `jump host ${hop}` : hop,
      key === null ? 'no key accepted yet' : `${key.type} ${key.fingerprint}`,
      key === null ? null : formatInstant(key.acceptedAt),
      key?.acceptedBy,
      key === null ? null : (key.how ?? 'not found'),
    ]),
  );
  return {
    title: 'Host keys',
    lines: [
      rows.length === 0
        ? 'No appliances yet.'
        : formatTable(['APPLIANCE', 'HOST', 'KEY', 'ACCEPTED', 'BY', 'HOW'], rows),
    ],
  };
}

function linkSection({ appliances }: Trust, paint: Paint): Section {
  const open = appliances.flatMap(({ link, name }) => (link === null ? [] : [{ link, name }]));
  const closed = appliances.length - open.length;
  return {
    title: 'Algorithms of open links',
    lines: [
      ...(appliances.length === 0 ? ['No appliances yet.'] : []),
      ...open.flatMap(({ link, name }) => [
        `${name}: ${paint(link.judgement, toneColours[link.tone])}`,
        `  ${nameAlgorithms(link)
          .map((named) => named.join(' '))
          .join(' · ')}`,
        `  server software: ${link.serverSoftware}`,
        `  post-quantum key exchange: ${postQuantumTexts[link.postQuantum].word}${(link.offeredPostQuantum ?? []).map((kex) => ` ${kex}`).join('')}`,
      ]),
      ...(closed === 0
        ? []
        : [`Not seen, because there is no link: ${closed} of ${appliances.length}. See --connect.`]),
    ],
  };
}

function connectionSection({ connections: { list, source } }: Trust): Section {
  const rows = list.map(({ applianceName, local, protocol, remote, state }) => [
    protocol,
    local,
    remote,
    state,
    applianceName,
  ]);
  const { label, text } = connectionSources[source];
  return {
    title: `Open connections (${label})`,
    lines: [
      text,
      rows.length === 0
        ? 'No open connections.'
        : formatTable(['PROTOCOL', 'LOCAL', 'REMOTE', 'STATE', 'APPLIANCE'], rows),
    ],
  };
}

function outboundSection({ connectedWindow, outbound }: Trust): Section {
  const rows = outbound.map(({ kind, name, to }) => [
    outboundKinds[kind].label,
    name,
    to,
    outboundKinds[kind].when,
  ]);
  return {
    title: 'What leaves this computer',
    lines: [
      rows.length === 0
        ? 'No destinations yet: no appliance, no target and no destination of logs.'
        : formatTable(['WHAT', 'NAME', 'TO', 'WHEN'], rows),
      `Connected windows to a licence authority: ${connectedWindow} on this computer.`,
      'Nothing else: no update check, no telemetry.',
    ],
  };
}

function programSection({ program: { billSha256, commit, modified, version } }: Trust): Section {
  const state = modified === true ? ', with uncommitted changes' : '';
  return {
    title: 'Program',
    lines: [
      `version ${version}, ${commit === null ? 'commit not known' : `commit ${commit}${state}`}`,
      `SHA-256 of sbom.cdx.json: ${billSha256 ?? 'none: this program was not built'}`,
    ],
  };
}

function trustText(trust: Trust, paint: Paint): string {
  const sections: Section[] = [
    outboundSection(trust),
    keySection(trust),
    linkSection(trust, paint),
    connectionSection(trust),
    { title: 'Secrets', lines: trust.secrets.map(({ kept, what }) => `${what}: ${kept}`) },
    {
      title: 'Fuses',
      lines: trust.fuses?.map(({ isOn, text }) => `${isOn ? 'on ' : 'off'}  ${text}`) ?? [
        'Doesn’t apply: fuses are switches in the desktop program.',
      ],
    },
    programSection(trust),
  ];
  return sections
    .map(({ lines, title }) => [title, ...lines.filter((line) => line !== '')].join('\n'))
    .join('\n\n');
}

/** Prints what a security officer asks about this program. Exit code with `connect`: that of the worst failure. */
export function printTrust(globals: Globals, { connect = false }: { connect?: boolean }): Promise<number> {
  return withConsole(globals, async (services) => {
    const exitCode = connect
      ? (await pollAppliances(services, services.inventory.list(), globals.output)).exitCode
      : exitCodes.done;
    const trust = services.trust.read();
    globals.output.print(trust, (paint) => trustText(trust, paint));
    return exitCode;
  });
}
