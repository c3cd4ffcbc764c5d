export { allotPorts, exceeds } from '../../src-shared/model/allocation.ts';
