import { z } from 'zod';
import {
  applianceStatusSchema,
  type ApplianceStatus,
} from '../../src-shared/model/appliance/applianceStatus.ts';
import { licenceShowOutputSchema, type LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import {
  authorityOutputSchema,
  historyOutputSchema,
  importOutputSchema,
  receiptOutputSchema,
  requestOutputSchema,
  type AuthorityOutput,
  type ImportOutput,
  type LicenceHistory,
  type ReceiptOutput,
  type RequestOutput,
} from '../../src-shared/model/licence/licenceCommands.ts';
import {
  configurationOutputSchema,
  configurationShowSchema,
  type ConfigurationOutput,
  type ConfigurationShow,
} from '../../src-shared/model/configuration/configurationCommands.ts';
import { accountPlanSchema, type AccountPlan } from '../../src-shared/model/usage/accountPlan.ts';
import {
  accountListSchema,
  applicationListSchema,
  type AccountList,
  type ApplicationList,
} from '../../src-shared/model/usage/manageAccounts.ts';
import { usageSearchSchema, type UsageSearch } from '../../src-shared/model/usage/usageSearch.ts';
import {
  keptAcknowledgementSchema,
  usageStatementSchema,
} from '../../src-shared/model/usage/usageStatement.ts';
import { usageSummarySchema, type UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { maxListBytes, maxListValues } from '../../src-shared/model/tenants/listLimits.ts';
import {
  groupKeysOutputSchema,
  rotatedGroupKeySchema,
  shownGroupKeySchema,
} from '../../src-shared/model/tenants/groupKeys.ts';
import {
  remoteNetworksSchema,
  tenantChangeSchema,
  type RemoteNetworks,
  type TenantChange,
} from '../../src-shared/model/tenants/remoteNetworks.ts';
import { maxJsonDepth, measureJson } from '../../src-shared/base/measureJson.ts';

const kilobyte = 1024;

const madeStatementSchema = z.object({ contract: z.literal(1), manifest: usageStatementSchema });

type Answers = {
  status: ApplianceStatus;
  remoteNetworks: RemoteNetworks;
  licence: LicenceShowOutput;
  tenantChange: TenantChange;
  licenceRequest: RequestOutput;
  licenceImport: ImportOutput;
  licenceReceipt: ReceiptOutput;
  licenceHistory: LicenceHistory;
  licenceAuthority: AuthorityOutput;
  configuration: ConfigurationShow;
  configurationChange: ConfigurationOutput;
  groupKeys: z.infer<typeof groupKeysOutputSchema>;
  groupKey: z.infer<typeof shownGroupKeySchema>;
  groupKeyRotation: z.infer<typeof rotatedGroupKeySchema>;
  usageSummary: UsageSummary;
  usageSearch: UsageSearch;
  usageStatement: z.infer<typeof madeStatementSchema>;
  usageAcknowledgement: z.infer<typeof keptAcknowledgementSchema>;
  accountList: AccountList;
  applicationList: ApplicationList;
  accountPlan: AccountPlan;
};
export type AnswerKind = keyof Answers;
export type Answer<Kind extends AnswerKind> = Answers[Kind];

/**
 * The kinds of answers with their maximum sizes **[ours]**. A list of 3,000 forwards has about 1 MB and
 * 60,000 values, and the longest list of the kit ten times as much. Other answers have a few kB.
 */
export const answers: {
  [Kind in AnswerKind]: { schema: z.ZodType<Answers[Kind]>; maxBytes: number; maxValues: number };
} = {
  status: { schema: applianceStatusSchema, maxBytes: 256 * kilobyte, maxValues: 5_000 },
  remoteNetworks: { schema: remoteNetworksSchema, maxBytes: maxListBytes, maxValues: maxListValues },
  licence: { schema: licenceShowOutputSchema, maxBytes: 256 * kilobyte, maxValues: 5_000 },
  /** The answer may contain a private key, so it must be small enough to be parsed on the main thread. */
  tenantChange: { schema: tenantChangeSchema, maxBytes: 256 * kilobyte, maxValues: 10_000 },
  licenceRequest: { schema: requestOutputSchema, maxBytes: 256 * kilobyte, maxValues: 5_000 },
  licenceImport: { schema: importOutputSchema, maxBytes: 256 * kilobyte, maxValues: 5_000 },
  licenceReceipt: { schema: receiptOutputSchema, maxBytes: 256 * kilobyte, maxValues: 5_000 },
  licenceHistory: { schema: historyOutputSchema, maxBytes: 256 * kilobyte, maxValues: 5_000 },
  licenceAuthority: { schema: authorityOutputSchema, maxBytes: 64 * kilobyte, maxValues: 1_000 },
  configuration: { schema: configurationShowSchema, maxBytes: 1024 * kilobyte, maxValues: 1_000 },
  configurationChange: { schema: configurationOutputSchema, maxBytes: 2048 * kilobyte, maxValues: 10_000 },
  /** A tenant has at most 256 groups, each with less than 1 kB. */
  groupKeys: { schema: groupKeysOutputSchema, maxBytes: 512 * kilobyte, maxValues: 10_000 },
  groupKey: { schema: shownGroupKeySchema, maxBytes: 16 * kilobyte, maxValues: 100 },
  groupKeyRotation: { schema: rotatedGroupKeySchema, maxBytes: 16 * kilobyte, maxValues: 100 },
  /** Up to 256 connectors, each with about 40 values. */
  usageSummary: { schema: usageSummarySchema, maxBytes: 512 * kilobyte, maxValues: 20_000 },
  /** Up to 100 accounts, in plain text each with up to 4 kB. */
  usageSearch: { schema: usageSearchSchema, maxBytes: 512 * kilobyte, maxValues: 5000 },
  usageStatement: { schema: madeStatementSchema, maxBytes: 16 * kilobyte, maxValues: 100 },
  usageAcknowledgement: { schema: keptAcknowledgementSchema, maxBytes: 16 * kilobyte, maxValues: 300 },
  /** Up to 500 accounts, each with about 20 values and, with names, 2 kB. */
  accountList: { schema: accountListSchema, maxBytes: 2048 * kilobyte, maxValues: 20_000 },
  applicationList: { schema: applicationListSchema, maxBytes: 1024 * kilobyte, maxValues: 5_000 },
  /** The counts before and after up to four steps. */
  accountPlan: { schema: accountPlanSchema, maxBytes: 3072 * kilobyte, maxValues: 110_000 },
};

export const answerKindSchema = z.enum([
  'status',
  'remoteNetworks',
  'licence',
  'tenantChange',
  'licenceRequest',
  'licenceImport',
  'licenceReceipt',
  'licenceHistory',
  'licenceAuthority',
  'configuration',
  'configurationChange',
  'groupKeys',
  'groupKey',
  'groupKeyRotation',
  'usageSummary',
  'usageSearch',
  'usageStatement',
  'usageAcknowledgement',
  'accountList',
  'applicationList',
  'accountPlan',
]);

/** The parsed answer, or the reason why it could not be parsed. */
export type ParsedAnswer<Value> = { value: Value } | { reason: string };

/** The reason of an output without any text. */
export const emptyReason = 'it is empty';

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function checkValue<Value>(schema: z.ZodType<Value>, value: unknown): ParsedAnswer<Value> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the document' : issue.path.join('.');
  return { reason: `${where.slice(0, 100)} has an unexpected value` };
}

/**
 * Parses the output of a command with `--json`. Checks its depth and its number of values before parsing.
 */
export function readAnswer<Kind extends AnswerKind>(kind: Kind, text: string): ParsedAnswer<Answer<Kind>> {
  const { schema, maxValues } = answers[kind];
  const size = measureJson(text, { maxDepth: maxJsonDepth, maxValues });
  if (size.depth > maxJsonDepth) return { reason: `it is nested more than ${maxJsonDepth} levels deep` };
  if (size.values > maxValues) return { reason: `it holds more than ${maxValues} values` };
  const json = parseJson(text);
  if (json === null) return { reason: text.trim() === '' ? emptyReason : 'it is not JSON' };
  return checkValue(schema, json.value);
}
