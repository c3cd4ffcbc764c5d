import {
  readDestinationAddress,
  type Destination,
} from '../../../../src-shared/model/syslog/forward/destination.ts';

/** Where the connections of a destination lead to. Throws INVALID_INPUT. */
export const receiverOf = (destination: Destination) => ({
  name: destination.name,
  address: readDestinationAddress(destination.kind, destination.address),
  files: destination,
});
