import { dayMs } from '../../../src-shared/base/time.ts';
import {
  repositoryServiceNames,
  type RepositoryService,
} from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import { createRandom, type Random } from '../random.ts';

/** How many of 1,000 accounts are on each connector. */
const shares: Record<RepositoryService, number> = { smb: 501, cmis: 241, webdav: 136, alfresco: 87, cq5: 35 };

const givenNames =
  'anna,ben,carla,david,elif,farid,greta,hugo,ines,jonas,kira,luca,mila,noah,olga,pavel,rosa,samir,tara,victor'.split(
    ',',
  );
const familyNames =
  'adler,baker,costa,dubois,eriksen,fischer,garcia,haddad,ivanov,jansen,keller,lindt,moreau,novak,ortiz,petrov,quinn,rossi,silva,tanaka'.split(
    ',',
  );
const domains = [
  'plant.example',
  'harbour.example',
  'depot.example',
  'office.example',
  'partner.example',
] as const;
const applicationNames = [
  'Document search',
  'Records import',
  'Mail archive',
  'Field reports',
  'Print portal',
] as const;

export type PopulationSize = { seed: string; accounts: number; now: number };

export type DeveloperRow = { id: number; email: string; createdAt: number };
export type ApplicationRow = {
  id: number;
  developerId: number;
  name: string;
  isInternal: boolean;
  secret: string;
  createdAt: number;
};
export type AccountRow = {
  id: number;
  applicationId: number;
  connector: RepositoryService;
  userName: string | null;
  userId: string | null;
  userDomain: string | null;
  isAdmin: boolean;
  isInternal: boolean;
  connectedAt: number;
  updatedAt: number;
  lastRequestAt: number | null;
  deactivatedAt: number | null;
  token: string | null;
};

const maxDevelopers = 400;
const applicationsEach = 2;
const historyDays = 1095;

/** One in `count`, e.g. one in 20. */
const oneIn = (random: Random, count: number) => random.between(1, count) === 1;

function chooseConnector(random: Random): RepositoryService {
  let left = random.between(1, 1000);
  for (const name of repositoryServiceNames) {
    left -= shares[name];
    if (left <= 0) return name;
  }
  return 'smb';
}

/** Developers and applications of a population. The same seed gives the same ones. */
export function makeDevelopers({ seed, accounts, now }: PopulationSize): {
  developers: DeveloperRow[];
  applications: ApplicationRow[];
} {
  const random = createRandom(`${seed} developers`);
  const count = Math.min(maxDevelopers, 3 + Math.floor(accounts / 2000));
  const developers = Array.from({ length: count }, (_, at) => ({
    id: at + 1,
    email: `dev${at + 1}@${random.pick(domains)}`,
    createdAt: now - random.between(historyDays, historyDays + 400) * dayMs,
  }));
  const applications = developers.flatMap(({ id: developerId, createdAt }) =>
    Array.from({ length: applicationsEach }, (_, nth) => {
      const id = (developerId - 1) * applicationsEach + nth + 1;
      // The last application is for tests.
      const isInternal = developerId === count && nth === applicationsEach - 1;
      const name = `${random.pick(applicationNames)}${isInternal ? ' (test)' : ''}`;
      return { id, developerId, name, isInternal, secret: `app-${random.between(1, 2 ** 31)}`, createdAt };
    }),
  );
  return { developers, applications };
}

type Person = { userName: string; userDomain: string };

function makePerson(random: Random, id: number): Person {
  const given = givenNames[random.between(0, givenNames.length - 1)] ?? '';
  const family = familyNames[random.between(0, familyNames.length - 1)] ?? '';
  const userDomain = random.pick(domains);
  const name = `${given}.${family}${id}@${userDomain}`;
  // Connectors spell the same name differently.
  return { userName: oneIn(random, 10) ? name.toUpperCase() : name, userDomain };
}

function chooseTimes(random: Random, now: number) {
  const ageDays = Math.floor(historyDays * random.next() ** 2);
  const connectedAt = now - ageDays * dayMs - random.between(0, dayMs - 1);
  const since = Math.max(0, now - connectedAt);
  const updatedAt = connectedAt + Math.floor(since * random.next());
  const idleMs = Math.floor(since * random.next() ** 4);
  const lastRequestAt = oneIn(random, 25) ? null : now - idleMs;
  const isEnded = oneIn(random, 9);
  return { connectedAt, updatedAt, lastRequestAt, deactivatedAt: isEnded ? updatedAt : null };
}

/**
 * The accounts of a population, one after the other: the same seed and time give the same ones. People with several
 * accounts, accounts without a user name, and accounts for tests occur in it.
 */
export function* makeAccounts({ seed, accounts, now }: PopulationSize): Generator<AccountRow> {
  const random = createRandom(`${seed} accounts`);
  const { applications } = makeDevelopers({ seed, accounts, now });
  let person = makePerson(random, 1);
  for (let id = 1; id <= accounts; id += 1) {
    if (!oneIn(random, 5)) person = makePerson(random, id);
    const connector = chooseConnector(random);
    const isNameless = oneIn(random, 100);
    // Few accounts belong to the application for tests, which is the last one.
    const last = oneIn(random, 400) ? applications.length : applications.length - 1;
    yield {
      id,
      applicationId: last === applications.length ? last : random.between(1, last),
      connector,
      userName: isNameless ? null : person.userName,
      userId: isNameless ? null : `${connector}-${random.between(1, 2 ** 31)}`,
      userDomain: isNameless ? null : person.userDomain,
      isAdmin: oneIn(random, 120),
      isInternal: oneIn(random, 500),
      ...chooseTimes(random, now),
      token: oneIn(random, 20) ? null : `token-${random.between(1, 2 ** 31)}`,
    };
  }
}
