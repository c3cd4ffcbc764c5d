export {
  assertNewFile,
  assertWritableFolder,
  creationError,
  readInputText,
  readTableFile,
  readTextFile,
  replaceText,
  writeNewFile,
} from '../../../src-shared/node/namedFiles.ts';
