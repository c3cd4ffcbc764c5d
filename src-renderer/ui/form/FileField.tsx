import { Textarea } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import { decodeText } from '../../../src-shared/base/textEncoding.ts';
import { useFileDrop } from './useFileDrop.ts';
import buttonStyles from '../layout/Button.module.css';
import form from './form.module.css';
import layout from '../layout/layout.module.css';
import textStyles from '../text/text.module.css';

type FileFieldProps = {
  label: string;
  value: string;
  /** `fileName` is null for typed or pasted text. */
  onText: (text: string, fileName: string | null) => void;
  /** Called with the reason if a file is not read. */
  onRefused: (reason: string) => void;
  maxBytes: number;
  accept: string;
  placeholder?: string;
  description?: string;
  error?: string | undefined;
  rows?: number;
  hasInitialFocus?: boolean;
};

function formatSize(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${Math.ceil(bytes / 1024 / 1024)} MB`;
}

/** Text that is pasted, chosen as a file, or dropped as a file. A file larger than `maxBytes` is not read. */
export function FileField(props: FileFieldProps) {
  const { onText, onRefused, maxBytes } = props;
  const chooser = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const chooserId = useId();
  const { hasInitialFocus = false } = props;
  useEffect(() => {
    if (hasInitialFocus) area.current?.focus();
  }, [hasInitialFocus]);
  const take = (file: File | undefined): void => {
    if (file === undefined) return;
    if (file.size > maxBytes) {
      onRefused(`${file.name} is ${formatSize(file.size)}. The limit is ${formatSize(maxBytes)}.`);
      return;
    }
    file.arrayBuffer().then(
      (bytes) => onText(decodeText(new Uint8Array(bytes)), file.name),
      () => onRefused(`${file.name} can’t be read.`),
    );
  };
  const drop = useFileDrop(take);
  return (
    <div className={form.fileField} {...drop}>
      <Textarea
        ref={area}
        label={props.label}
        value={props.value}
        onChange={(event) => {
          const text = event.currentTarget.value;
          if (text.length > maxBytes) onRefused(`The limit is ${formatSize(maxBytes)}.`);
          else onText(text, null);
        }}
        error={props.error}
        description={props.description}
        placeholder={props.placeholder}
        rows={props.rows ?? 3}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        classNames={{
          input: `${form.kitInput} ${form.machineField}`,
          label: form.kitLabel,
          description: form.kitDescription,
          error: form.kitError,
        }}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        data-autofocus={hasInitialFocus ? true : undefined}
      />
      <div className={layout.row}>
        <button
          type="button"
          className={`${buttonStyles.btn} ${buttonStyles.small}`}
          onClick={() => chooser.current?.click()}
        >
          Choose file…
        </button>
        <span className={textStyles.faint}>or drop a file here</span>
        <label className={layout.srOnly} htmlFor={chooserId}>
          {props.label}, as a file
        </label>
        <input
          id={chooserId}
          ref={chooser}
          type="file"
          className={layout.srOnly}
          tabIndex={-1}
          accept={props.accept}
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            // So that the same file can be chosen again after it was corrected.
            event.currentTarget.value = '';
          }}
        />
      </div>
    </div>
  );
}
