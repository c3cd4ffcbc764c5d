export { collectValues, numberBetween, wholeNumber } from '../../../src-shared/node/commandOptions.ts';
