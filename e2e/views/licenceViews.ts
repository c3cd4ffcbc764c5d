import { tripIdOf, type TripState } from '../../test-support/tripStates.ts';
import { press, type View } from './view.ts';

const trip = (state: TripState, step = '') =>
  `/licences/trips/${tripIdOf(state)}${step === '' ? '' : `?step=${step}`}`;

export const licenceViews: readonly View[] = [
  { name: 'Licences', address: '/licences', shows: 'Cluster west' },
  { name: 'Licence table', address: '/licences?show=table', shows: 'Expires (UTC)' },
  { name: 'Renewals', address: '/licences?show=trips', shows: 'quay-07-0007' },
  {
    name: 'New request',
    address: '/licences',
    shows: 'Make the request',
    open: (page) => press(page, 'Renew offline…'),
  },
  {
    name: 'Trip file',
    address: '/licences',
    shows: 'Continue the trip',
    open: (page) => press(page, 'Continue from file…'),
  },
  { name: 'Snooze', address: '/licences?snooze=kiln-01', shows: 'Snooze kiln-01' },
  { name: 'Steps of a licence', address: '/licences?mark=kiln-01', shows: 'Steps of kiln-01' },
  { name: 'Plan of a connected window', address: '/licences?window=kiln-01', shows: 'Check first' },
  {
    name: 'Checked connected window',
    address: '/licences?window=kiln-01',
    shows: 'no longer listens',
    open: (page) => press(page, 'Check first'),
  },
  { name: 'Request', address: trip('opened'), shows: 'What is in the request' },
  {
    name: 'Request as JSON and text',
    address: trip('opened'),
    shows: 'Show as table',
    open: async (page) => {
      await press(page, 'Show as JSON');
      await press(page, 'Show');
    },
  },
  {
    name: 'Cancelling a renewal',
    address: trip('opened'),
    shows: 'Keep it',
    open: (page) => press(page, 'Cancel trip…'),
  },
  { name: 'Answer', address: trip('carried'), shows: 'Read the text' },
  { name: 'Answer with losses', address: trip('losses'), shows: 'Acknowledge each loss' },
  { name: 'Refused answer', address: trip('refused'), shows: 'the answer is refused' },
  { name: 'Answer after its dry run', address: trip('ready', 'verify'), shows: 'Will quay-07 accept it?' },
  { name: 'Licence to apply', address: trip('ready'), shows: 'What will run' },
  { name: 'Losses to apply', address: trip('warned'), shows: 'What will run' },
  { name: 'Unknown result of an apply', address: trip('unknown'), shows: 'Ask quay-07' },
  { name: 'Licence that was rolled back', address: trip('failed'), shows: 'was installed again' },
  { name: 'Receipt', address: trip('applied'), shows: 'applied and read back' },
  { name: 'Finished renewal', address: trip('done'), shows: 'This renewal is done.' },
  {
    name: 'Next member of a cluster',
    address: trip('member'),
    shows: 'has a licence that ends earlier',
  },
  { name: 'Void renewal', address: trip('void'), shows: 'This renewal is void' },
];
