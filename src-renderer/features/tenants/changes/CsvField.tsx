import { useState } from 'react';
import { holdsPrivateKey } from '../../../../src-shared/model/tenants/publicKey.ts';
import { maxTenantCsv, sampleTenantCsv } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { FileField } from '../../../ui/form/FileField.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { saveText } from '../../../ui/text/saveText.ts';

/** The CSV of new tenants. A text with a private key is discarded. */
export function CsvField({
  text,
  problem,
  onText,
}: {
  text: string;
  /** The problem of the whole file. */
  problem: string | null;
  onText: (text: string) => void;
}) {
  const [refused, setRefused] = useState<string | null>(null);
  const isEmpty = text.trim() === '';
  return (
    <>
      <FileField
        label="CSV"
        value={text}
        onText={(next) => {
          const isKey = holdsPrivateKey(next);
          setRefused(
            isKey
              ? 'The file contains a private key. It was discarded. A CSV file must contain public keys only.'
              : null,
          );
          onText(isKey ? '' : next);
        }}
        onRefused={setRefused}
        maxBytes={maxTenantCsv}
        accept=".csv,text/csv,text/plain"
        placeholder="client_id,public_key,quota"
        description="First line: client_id, public_key and optionally quota. At most 200 tenants."
        error={refused ?? problem ?? undefined}
        rows={isEmpty ? 5 : 2}
        hasInitialFocus
      />
      {isEmpty ? (
        <div>
          <Button
            small
            onClick={() =>
              saveText({ name: 'tenants.csv', type: 'text/csv;charset=utf-8', text: sampleTenantCsv })
            }
          >
            Save a sample CSV
          </Button>
        </div>
      ) : null}
    </>
  );
}
