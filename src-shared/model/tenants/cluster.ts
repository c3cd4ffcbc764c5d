import { formatRanges } from './ports.ts';
import type { Tenant } from './remoteNetworks.ts';
import { describeKeySharedByMembers } from './sharedKey.ts';
import { formatInstant } from '../../base/time.ts';

/** The tenants that one member of a cluster lists. */
export type ClusterMember<View> = {
  applianceId: string;
  applianceName: string;
  /**
   * True if the member's answer is recent and its link is up. A tenant that it doesn't list then doesn't
   * exist there.
   */
  isFresh: boolean;
  views: readonly View[];
};

type MemberView = { applianceId: string; applianceName: string; observedAt: string; tenant: Tenant };
type MemberState = {
  applianceId: string;
  applianceName: string;
  state: 'here' | 'absent' | 'unknown';
  sessions: number;
};
export type ClusterOf = { name: string; members: MemberState[]; disagreements: string[] };

type Seen<View> = { member: ClusterMember<View>; view: View };

/** Whether the tenant has a session that is not silent. */
export const isLive = (tenant: Tenant) => tenant.sessions.some((session) => session.silentSince === null);

/** `kiln and mill`, `kiln, mill and forge`. */
function joinNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** `kiln says 20, mill says 40` if they differ, otherwise null. */
function describeDifference(
  what: string,
  views: readonly MemberView[],
  say: (tenant: Tenant) => string,
): string | null {
  const values = views.map((view) => say(view.tenant));
  if (new Set(values).size < 2) return null;
  return `The members report different ${what}: ${views.map((view, index) => `${view.applianceName} ${values[index] ?? ''}`).join(', ')}.`;
}

function disagreementsOf<View extends MemberView>(
  members: readonly ClusterMember<View>[],
  seen: readonly Seen<View>[],
): string[] {
  const fresh = seen.filter(({ member }) => member.isFresh);
  const views = fresh.map(({ view }) => view);
  const absent = members.filter(
    (member) =>
      member.isFresh && !fresh.some((seenView) => seenView.member.applianceId === member.applianceId),
  );
  const withSession = views.filter((view) => isLive(view.tenant)).map((view) => view.applianceName);
  const silent = seen.filter(({ member, view }) => !member.isFresh && isLive(view.tenant));
  return [
    views.length > 0 && absent.length > 0
      ? `It is missing on ${joinNames(absent.map((member) => member.applianceName))}.`
      : null,
    describeDifference('quotas', views, (tenant) => `${tenant.quota}`),
    describeDifference('ports', views, (tenant) => formatRanges(tenant.ports) || 'none'),
    describeDifference(
      'keys',
      views,
      (tenant) =>
        tenant.keys
          .map((key) => key.fingerprint)
          .sort()
          .join(' and ') || 'none',
    ),
    describeDifference('states', views, (tenant) => (tenant.suspended ? 'suspended' : 'active')),
    withSession.length > 1 ? `It has sessions on ${joinNames(withSession)} at the same time.` : null,
    describeKeySharedByMembers(
      views.map(({ applianceName, observedAt, tenant: { sessions } }) => ({
        applianceName,
        observedAt,
        sessions,
      })),
    ),
    ...(withSession.length > 0
      ? []
      : silent.map(
          ({ view }) =>
            `${view.applianceName} had a session of this tenant at ${formatInstant(view.observedAt)} and has not answered since.`,
        )),
  ].filter((sentence) => sentence !== null);
}

/**
 * Lists each tenant of a cluster once, as seen by the member that has its live or last session. A member that
 * doesn't answer counts neither as having the tenant nor as missing it.
 */
export function mergeCluster<View extends MemberView>(cluster: {
  name: string;
  members: readonly ClusterMember<View>[];
}): { view: View; cluster: ClusterOf }[] {
  return seenByTenant(cluster.members).flatMap((seen) => {
    const best = bestOf(seen);
    if (best === undefined) return [];
    const members = cluster.members.map((member): MemberState => {
      const view = seen.find((seenView) => seenView.member.applianceId === member.applianceId)?.view;
      return {
        applianceId: member.applianceId,
        applianceName: member.applianceName,
        state: !member.isFresh ? 'unknown' : view === undefined ? 'absent' : 'here',
        sessions: view?.tenant.sessions.length ?? 0,
      };
    });
    return [
      {
        view: best.view,
        cluster: { name: cluster.name, members, disagreements: disagreementsOf(cluster.members, seen) },
      },
    ];
  });
}

/**
 * Maps each client ID to the member whose view `mergeCluster` uses. A sum over a cluster uses only these
 * views, so that it counts no tenant twice.
 */
export function chooseMembers<View extends MemberView>(
  members: readonly ClusterMember<View>[],
): Map<string, string> {
  return new Map(
    seenByTenant(members).flatMap((seen) => {
      const best = bestOf(seen);
      return best === undefined ? [] : [[best.view.tenant.clientId, best.member.applianceId]];
    }),
  );
}

function seenByTenant<View extends MemberView>(members: readonly ClusterMember<View>[]): Seen<View>[][] {
  const seen = members.flatMap((member) => member.views.map((view) => ({ member, view })));
  return [...Map.groupBy(seen, ({ view }) => view.tenant.clientId).values()];
}

const bestOf = <View extends MemberView>(seen: readonly Seen<View>[]) =>
  [...seen].sort((a, b) => rankMember(b) - rankMember(a) || compareEqualRanks(a, b)).at(0);

/**
 * Ranks what a member knows about the tenant: 3 a live session, 2 a silent session or a bound port, 1 only
 * the entry, 0 nothing recent.
 */
function rankMember<View extends MemberView>({ member, view: { tenant } }: Seen<View>): number {
  if (!member.isFresh) return 0;
  if (isLive(tenant)) return 3;
  return tenant.sessions.length > 0 || tenant.forwards.some((forward) => forward.listener !== null) ? 2 : 1;
}

/**
 * For equal ranks: prefers the latest session if the members answer, otherwise the latest answer. Then by
 * name, so that the choice is the same in every poll.
 */
function compareEqualRanks<View extends MemberView>(a: Seen<View>, b: Seen<View>): number {
  const ended = ({ view }: Seen<View>) => Date.parse(view.tenant.lastSession?.endedAt ?? '') || 0;
  const later = a.member.isFresh
    ? ended(b) - ended(a)
    : Date.parse(b.view.observedAt) - Date.parse(a.view.observedAt);
  return later || a.view.applianceName.localeCompare(b.view.applianceName);
}
