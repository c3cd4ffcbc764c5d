import { startAccountKit } from '../../../test-support/accountKit.ts';
import { describeAccountReports } from '../../../test-support/accountReportTests.ts';

describeAccountReports({ name: 'SQLite', start: () => startAccountKit() });
